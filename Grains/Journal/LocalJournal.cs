using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal.Marks;
using Divolte.Grains.Journal.Reading;
using Divolte.Grains.Journal.Recovery;
using Divolte.Grains.Journal.Segments;
using Divolte.Grains.Journal.State;
using Divolte.Grains.Journal.Writing;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Journal;

/// <summary>
/// The journal of a single process: one log for all queues, in segment files in the data directory, which it locks. Appends share a write and a sync;
/// marks, redelivery state and the ledger's counts are in the same entries.
/// </summary>
internal sealed class LocalJournal : IJournal
{
    private readonly SegmentLog _log;
    private readonly ProgressStore _progress;
    private readonly GroupAppender _appender;
    private readonly JournalWriter _writer;
    private readonly JournalReader _reader;
    private readonly MarksReader _marks;
    private readonly JournalUpkeep _upkeep;
    private readonly DamagedFiles _damaged;
    private readonly IDisposable _directoryLock;
    private int _isDisposed;

    private LocalJournal(
        IStableFiles files,
        LocalJournalOptions options,
        IDisposable directoryLock,
        ProgressStore progress,
        DamagedFiles damaged,
        RecoveredLog recovered,
        TimeProvider time,
        ILogger logger)
    {
        Parameters = options.Parameters;
        _directoryLock = directoryLock;
        _progress = progress;
        _damaged = damaged;
        _log = new SegmentLog(files, options, recovered);
        var epochStart = Math.Max(recovered.EpochMax, time.GetUtcNow().ToUnixTimeMilliseconds());
        var map = new ShardMap(Parameters.Shards, Parameters.Queues);
        _appender = new GroupAppender(_log, recovered.Redeliveries, map, epochStart, options, time, logger);
        _writer = new JournalWriter(_appender, options, time);
        _reader = new JournalReader(_log, files, damaged, logger);
        _marks = new MarksReader(files, logger);
        _upkeep = new JournalUpkeep(_log, progress, _appender, _writer, options, time, logger);
    }

    public JournalParameters Parameters { get; }

    public long Incarnation => _log.Incarnation;

    public JournalHealth Health
    {
        get
        {
            var reason = Volatile.Read(ref _isDisposed) != 0 ? "The journal is closed." : _appender.Trouble ?? "";
            return new JournalHealth(reason.Length == 0, reason, _log.BytesStored, _damaged.Warning);
        }
    }

    /// <summary>Locks the data directory, recovers what is in it, and starts the writer.</summary>
    /// <exception cref="JournalException">It is in use, was made with other parameters, or cannot be read or written; one line for the operator.</exception>
    public static LocalJournal Open(LocalJournalOptions options, TimeProvider time, ILogger<LocalJournal> logger) =>
        Open(FilesIn(options.DataDirectory), options, time, logger);

    /// <inheritdoc cref="Open(LocalJournalOptions, TimeProvider, ILogger{LocalJournal})"/>
    internal static LocalJournal Open(IStableFiles files, LocalJournalOptions options, TimeProvider time, ILogger logger)
    {
        var directoryLock = Lock(files);
        ProgressStore? progress = null;
        try
        {
            var damaged = new DamagedFiles(files, "journal", "intact entries");
            progress = ProgressStore.Open(files);
            var recovered = new LogRecovery(files, options, damaged, time, logger).Recover(progress.List());
            return new LocalJournal(files, options, directoryLock, progress, damaged, recovered, time, logger);
        }
        catch (Exception e)
        {
            progress?.Dispose();
            directoryLock.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new JournalException($"The journal in {files.Directory} cannot be opened: {e.Message}", e);
            throw;
        }
    }

    public async ValueTask<ShardClaim> ClaimAsync(int shard, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)shard, (uint)Parameters.Shards, nameof(shard));
        var claimed = await _writer.RunAsync(() => _appender.Claim(shard)).WaitAsync(cancellationToken);
        return await _marks.ReadAsync(shard, claimed, cancellationToken);
    }

    public ValueTask<AppendOutcome> AppendAsync(ShardAppend append, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)append.Shard, (uint)Parameters.Shards, nameof(append));
        return _writer.AppendAsync(append);
    }

    public void BeginGroup() => _writer.BeginGroup();

    public void EndGroup() => _writer.EndGroup();

    public ValueTask<JournalPage> ReadAsync(int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken)
    {
        Check(queue, after);
        return _reader.ReadAsync(queue, after.Offset, bytesMax, cancellationToken);
    }

    public ValueTask WaitAsync(int queue, JournalPosition after, CancellationToken cancellationToken)
    {
        Check(queue, after);
        var behind = _log.WhenBehind(queue, after.Offset);
        return behind.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(behind.WaitAsync(cancellationToken));
    }

    public async ValueTask<QueueEnd> GetEndAsync(int queue, CancellationToken cancellationToken)
    {
        Check(queue, new JournalPosition(Incarnation, 0));
        var state = _log.GetQueue(queue);
        DateTimeOffset? oldest = null;
        var slowest = SlowestOf(queue);
        if (slowest < state.End)
        {
            var page = await _reader.ReadAsync(queue, slowest, bytesMax: 1, cancellationToken);
            oldest = page.Entries.Count > 0 ? page.Entries[0].AppendedAt : null;
        }
        return new QueueEnd(
            new JournalPosition(Incarnation, state.End),
            [.. state.Accepted.Select(source => new SourceCount(source.Key, source.Value))],
            oldest);
    }

    public ValueTask<SinkProgress?> ReadProgressAsync(string sink, int queue, CancellationToken cancellationToken) => new(_progress.Read(sink, queue));

    public ValueTask<ProgressOutcome> SaveProgressAsync(SinkProgress progress, CancellationToken cancellationToken) => new(SaveProgress(progress, mayGoBack: false));

    public ValueTask ResetProgressAsync(SinkProgress progress, CancellationToken cancellationToken)
    {
        SaveProgress(progress, mayGoBack: true);
        return ValueTask.CompletedTask;
    }

    public ValueTask SyncProgressAsync(CancellationToken cancellationToken)
    {
        _progress.Flush();
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<SinkProgress>> ListProgressAsync(CancellationToken cancellationToken) => new(_progress.List());

    public ValueTask ReleaseAsync(string sink, CancellationToken cancellationToken)
    {
        _progress.Release(sink);
        return ValueTask.CompletedTask;
    }

    public ValueTask TrimAsync(CancellationToken cancellationToken)
    {
        _upkeep.Run();
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes what waits, syncs the progress, and lets go of the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _writer.CloseAsync();
        _upkeep.Dispose();
        _log.Dispose();
        _progress.Dispose();
        _directoryLock.Dispose();
    }

    /// <summary>The journal's directory in a data directory. The lock file lies beside it and protects the data directory as a whole.</summary>
    internal static LocalStableFiles FilesIn(string dataDirectory) =>
        new(Path.Combine(dataDirectory, "journal"), Path.Combine(dataDirectory, "lock"), "data directory");

    private static IDisposable Lock(IStableFiles files)
    {
        try
        {
            return files.Lock();
        }
        catch (IOException e)
        {
            throw new JournalException(e.Message, e);
        }
    }

    private ProgressOutcome SaveProgress(SinkProgress progress, bool mayGoBack)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)progress.Queue, (uint)Parameters.Queues, nameof(progress));
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        return _progress.Save(progress, mayGoBack) ? ProgressOutcome.Stored : ProgressOutcome.Behind;
    }

    private long SlowestOf(int queue)
    {
        var slowest = long.MaxValue;
        foreach (var progress in _progress.List())
        {
            if (progress.Queue == queue && progress.Position.Incarnation == Incarnation)
                slowest = Math.Min(slowest, progress.NeededFrom);
        }
        return slowest;
    }

    private void Check(int queue, JournalPosition position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)queue, (uint)Parameters.Queues, nameof(queue));
        if (position.Incarnation != Incarnation)
            throw new ArgumentException($"A position of incarnation {position.Incarnation} means nothing in incarnation {Incarnation}.", nameof(position));
    }
}
