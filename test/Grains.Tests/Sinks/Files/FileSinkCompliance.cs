using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Files;
using Divolte.TestKit.Sinks;
using Microsoft.Extensions.Logging.Abstractions;
using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Grains.Tests.Sinks.Files;

/// <summary>The suite of all sinks, on real files.</summary>
public sealed class FileSinkCompliance : SinkCompliance
{
    private readonly Divolte.TestKit.Processes.TemporaryFolder _folder = new();

    internal override ISink CreateSink() => new FileSink(
        new HdfsSinkOptions
        {
            Name = "files",
            FileStrategy = AFileSink.Strategy with { WorkingDirectory = _folder.Below("work"), PublishDirectory = _folder.Below("done") },
        },
        threads: 2, queues: 4, Schema.Json, _folder.Below("data"), new LocalFileStore(), TimeProvider.System, NullLoggerFactory.Instance);

    internal override Task<IReadOnlyList<string>> ReadIdsAsync() => Task.FromResult<IReadOnlyList<string>>(
        [.. Directory.GetFiles(_folder.Below("done"), "*.avro").OrderBy(OrderOf).SelectMany(file => AFileSink.IdsOf(File.ReadAllBytes(file)))]);

    /// <summary>Second of opening, then number of the writer: two processes may write within one second here.</summary>
    private static (string Second, int Writer) OrderOf(string file)
    {
        var parts = Path.GetFileNameWithoutExtension(file).Split('-');
        return (parts[0], int.Parse(parts[^1], provider: null));
    }

    internal override ValueTask CrashAsync(ISink sink, ISinkWriter writer)
    {
        ((FileSink)sink).Abandon();
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return base.DisposeAsync();
    }
}
