using System.Text;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.Grains.Schemas;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Files;
using Divolte.TestKit.Sinks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Grains.Tests.Sinks.Files;

/// <summary>File sinks and batches for tests.</summary>
internal static class AFileSink
{
    public static readonly FileStrategyOptions Strategy = new()
    {
        WorkingDirectory = "/place",
        PublishDirectory = "/done",
        RollEvery = TimeSpan.FromMinutes(1),
        SyncFileAfterRecords = 1000,
        SyncFileAfterDuration = TimeSpan.FromSeconds(5),
    };

    public static FileSink Over(IFileStore store, TimeProvider time, FileStrategyOptions? strategy = null, int threads = 1, int queues = 4) =>
        new(new HdfsSinkOptions { Name = "files", FileStrategy = strategy ?? Strategy }, threads, queues, SinkCompliance.Schema.Json, "/data", store, time, NullLoggerFactory.Instance);

    public static RecordBatch Batch(int queue, long offset, params string[] ids)
    {
        var batch = new RecordBatch { Queue = queue, Position = new JournalPosition(1, offset) };
        foreach (var id in ids)
        {
            var text = Encoding.UTF8.GetBytes(id);
            var start = batch.Buffer.Length;
            var target = batch.Buffer.Append(1 + text.Length);
            target[0] = (byte)(2 * text.Length);
            text.CopyTo(target[1..]);
            batch.Add(new MappedRecord(SinkCompliance.Schema, 0, start, 1 + text.Length, start, 0));
        }
        return batch;
    }

    /// <summary>The ids in the published files, in the order of the files.</summary>
    public static IReadOnlyList<string> PublishedIds(PowerLossFileStore store) =>
        [.. store.Paths.Where(path => path.StartsWith("/done/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).SelectMany(path => IdsOf(store.BytesOf(path)))];

    /// <summary>The ids of one container, read by the Apache.Avro library.</summary>
    public static IReadOnlyList<string> IdsOf(byte[] container)
    {
        using var reader = Avro.File.DataFileReader<Avro.Generic.GenericRecord>.OpenReader(new MemoryStream(container));
        var ids = new List<string>();
        while (reader.HasNext())
            ids.Add((string)reader.Next()["id"]);
        return ids;
    }
}
