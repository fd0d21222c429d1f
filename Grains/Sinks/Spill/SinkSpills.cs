using System.Collections.Concurrent;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Progress;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// The spill files of this process's sinks, below the data directory. Only with the journal in files: the queues of a grid move between silos, and files
/// do not move along.
/// </summary>
internal sealed class SinkSpills(DivolteConfiguration configuration, IJournal journal, ILoggerFactory loggers)
{
    private readonly ConcurrentDictionary<(string Sink, int Queue), SpillQueue> _opened = new();
    private readonly ILogger _logger = loggers.CreateLogger<SpillQueue>();

    /// <summary>Folder of the spill files in the data directory, with one folder a sink in it.</summary>
    public const string Folder = "spill";

    /// <summary>What was opened; null when nothing is spilled.</summary>
    public SpillQueue? Find(string sink, int queue) => _opened.GetValueOrDefault((sink, queue));

    /// <summary>Opens the files of a sink's queue where its stored progress goes on.</summary>
    /// <returns>Null when this sink never spills here.</returns>
    /// <exception cref="IOException">They cannot be read.</exception>
    public SpillQueue? Open(SinkOptions sink, SinkProgress progress)
    {
        if (configuration.Global.Grid.Store != GridStore.Local || progress.Position.Incarnation != journal.Incarnation)
            return null;
        if (Find(sink.Name, progress.Queue) is { } opened)
            return opened;
        var directory = DirectoryOf(configuration, sink.Name);
        var files = new LocalStableFiles(directory, Path.Combine(directory, "lock"), "spill directory");
        var mark = LossLedger.Parse(progress.Ledger).Spilled;
        var spill = SpillQueue.Open(files, progress.Queue, progress.Position, mark, () => Prepare(directory), _logger);
        return _opened[(sink.Name, progress.Queue)] = spill;
    }

    /// <summary>Deletes the files of a sink that nobody wants any more. No process may be running the sink.</summary>
    public static void Delete(DivolteConfiguration configuration, string sink)
    {
        if (Directory.Exists(DirectoryOf(configuration, sink)))
            Directory.Delete(DirectoryOf(configuration, sink), recursive: true);
    }

    /// <summary>Reads a queue on for a sink: what is spilled comes before what the journal holds.</summary>
    public async ValueTask<JournalPage> ReadAsync(string sink, int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken)
    {
        if (Find(sink, queue) is { } spill && await spill.ReadAsync(after, bytesMax, cancellationToken) is { } page)
            return page;
        return await journal.ReadAsync(queue, after, bytesMax, cancellationToken);
    }

    private static string DirectoryOf(DivolteConfiguration configuration, string sink) =>
        Path.Combine(Path.GetFullPath(configuration.Global.Grid.DataDirectory), Folder, sink);

    /// <summary>Makes the sink's directory, durably, before its first file.</summary>
    private static void Prepare(string directory)
    {
        if (Directory.Exists(directory))
            return;
        Directory.CreateDirectory(directory);
        for (var parent = Path.GetDirectoryName(directory)!; ; parent = Path.GetDirectoryName(parent)!)
        {
            new LocalStableFiles(parent, Path.Combine(parent, "lock"), "directory").SyncDirectory();
            if (Path.GetFileName(parent) != Folder)
                return; // the data directory, which was there
        }
    }
}
