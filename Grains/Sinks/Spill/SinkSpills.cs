using System.Collections.Concurrent;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Progress;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// The spill files of this process's sinks: below the data directory with the journal in files; in a grid, whose queues move between silos, in a directory that
/// all of them share, if there is one.
/// </summary>
internal sealed class SinkSpills
{
    /// <summary>Folder of the spill files in the data directory, with one folder a sink in it.</summary>
    public const string Folder = "spill";

    /// <summary>How soon a reader looks again whether the queue's owner is here.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<(string Sink, int Queue), SpillQueue> _opened = new();
    private readonly DivolteConfiguration _configuration;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SharedSpillDirectory? _shared;

    public SinkSpills(DivolteConfiguration configuration, IJournal journal, TimeProvider time, ILoggerFactory loggers)
    {
        (_configuration, _journal, _time, _logger) = (configuration, journal, time, loggers.CreateLogger<SpillQueue>());
        _shared = SharedOf(configuration, journal);
    }

    private bool IsLocal => _configuration.Global.Grid.Store == GridStore.Local;

    /// <summary>Whether nothing is ever spilled here.</summary>
    public bool IsOff => !IsLocal && _shared is null;

    /// <summary>What was opened; null when nothing is spilled.</summary>
    public SpillQueue? Find(string sink, int queue) => _opened.GetValueOrDefault((sink, queue));

    /// <summary>Opens the files of a sink's queue where its stored progress goes on; in a grid the queue is claimed for it.</summary>
    /// <param name="sink">The sink.</param>
    /// <param name="progress">Its stored progress.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The progress to go on from; no files when this sink never spills here.</returns>
    /// <exception cref="IOException">They cannot be read.</exception>
    public async Task<(SinkProgress Progress, SpillQueue? Spill)> OpenAsync(string sink, SinkProgress progress, CancellationToken cancellationToken)
    {
        if (_shared is { } shared)
            return await OpenSharedAsync(shared, sink, progress, cancellationToken);
        if (!IsLocal || progress.Position.Incarnation != _journal.Incarnation)
            return (progress, null);
        if (Find(sink, progress.Queue) is { } opened)
            return (progress, opened);
        var directory = DirectoryOf(_configuration, sink);
        var mark = LossLedger.Parse(progress.Ledger).Spilled;
        var spill = SpillQueue.Open(FilesIn(directory), progress.Queue, progress.Position, mark, () => Prepare(directory), _logger);
        return (progress, _opened[(sink, progress.Queue)] = spill);
    }

    /// <summary>Why a sink cannot go on in a queue here; null when it can.</summary>
    public string? FindRefusal(SinkProgress progress) => IsOff && progress.SpilledThrough > progress.Position.Offset
        ? "its oldest backlog lies in spill files of the grid, and this silo has no divolte.global.grid.spill.directory: set it to the directory that the other silos share"
        : null;

    /// <summary>The sink's owner in this process ends. In a shared directory its successor may be anywhere.</summary>
    public void Close(SpillQueue spill, string sink)
    {
        if (_shared is null)
            return;
        spill.Replace();
        _opened.TryRemove(KeyValuePair.Create((sink, spill.Queue), spill));
    }

    /// <summary>Makes sure that files can be written where all silos see them.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public ValueTask CheckAsync(CancellationToken cancellationToken) => _shared?.CheckAsync(cancellationToken) ?? ValueTask.CompletedTask;

    /// <summary>Deletes the files of a sink that nobody wants any more. No process may be running the sink.</summary>
    public static void Delete(DivolteConfiguration configuration, IJournal journal, string sink)
    {
        var directory = SharedOf(configuration, journal)?.PathOf(sink) ?? DirectoryOf(configuration, sink);
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    /// <summary>Reads a queue on for a sink: what is spilled comes before what the journal holds.</summary>
    public async ValueTask<JournalPage> ReadAsync(string sink, int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken)
    {
        var spill = Find(sink, queue);
        if (spill is not null && await spill.ReadAsync(after, bytesMax, cancellationToken) is { } page)
            return page;
        page = await _journal.ReadAsync(queue, after, bytesMax, cancellationToken);
        if (!page.HasGap || !await IsSpilledElsewhereAsync(sink, queue, after, spill, cancellationToken))
            return page;
        // The queue's owner is on its way here, or was just spilling what follows: nothing may be delivered around that.
        await Task.Delay(LookAgain, _time, cancellationToken);
        return new JournalPage([], after);
    }

    /// <summary>What the journal has freed behind a position may be in spill files that are not open here, or were not yet a moment ago.</summary>
    private async Task<bool> IsSpilledElsewhereAsync(string sink, int queue, JournalPosition after, SpillQueue? spill, CancellationToken cancellationToken)
    {
        if (await _journal.ReadProgressAsync(sink, queue, cancellationToken) is not { } stored || stored.Position.Incarnation != after.Incarnation)
            return false;
        if (spill is not null && stored.Claim?.Epoch > spill.Epoch)
            spill.Replace();
        return stored.SpilledThrough > Math.Max(after.Offset, stored.Position.Offset);
    }

    private async Task<(SinkProgress Progress, SpillQueue? Spill)> OpenSharedAsync(
        SharedSpillDirectory shared, string sink, SinkProgress progress, CancellationToken cancellationToken)
    {
        var files = FilesIn(shared.PathOf(sink));
        var found = FindFiles(files);
        var floor = found.Count == 0 ? 0 : found.Max(file => file.Epoch);
        var claimed = await _journal.ClaimProgressAsync(sink, progress.Queue, floor, cancellationToken)
            ?? throw new InvalidDataException($"The progress of sink {sink} in queue {progress.Queue} is gone.");
        if (claimed.Position.Incarnation != _journal.Incarnation)
            return (claimed, null);
        // Files that are not there count as lost, so it must be certain that this is where they are.
        if (claimed.SpilledThrough > claimed.Position.Offset)
            await shared.CheckAsync(cancellationToken);
        var spill = SpillQueue.OpenShared(files, found, claimed, () => shared.Prepare(sink), _time, _logger);
        Find(sink, progress.Queue)?.Replace();
        return (claimed, _opened[(sink, progress.Queue)] = spill);
    }

    /// <summary>Nothing when the directory cannot be read: whoever needs it finds out.</summary>
    private static List<SpillFile> FindFiles(IStableFiles files)
    {
        try
        {
            return [.. files.List().Select(SpillFile.Parse).OfType<SpillFile>()];
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static SharedSpillDirectory? SharedOf(DivolteConfiguration configuration, IJournal journal) =>
        configuration.Global.Grid is { Store: GridStore.Redis, Spill.Directory: { } directory } grid ? new SharedSpillDirectory(directory, grid.Cluster, journal) : null;

    private static LocalStableFiles FilesIn(string directory) => new(directory, Path.Combine(directory, "lock"), "spill directory");

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
