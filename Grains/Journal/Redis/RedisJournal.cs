using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal.Redis.Appending;
using Divolte.Grains.Journal.Redis.Connecting;
using Divolte.Grains.Journal.Redis.Reading;
using Divolte.Grains.Journal.Redis.State;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Journal.Redis;

/// <summary>
/// The journal of a grid: a Redis stream per queue. A silo's appends of many shards are one script, which checks each shard's epoch and stores frames,
/// marks, redelivery state and the ledger's counts together.
/// </summary>
internal sealed partial class RedisJournal : IJournal
{
    private readonly RedisConnection _connection;
    private readonly RedisStore _store;
    private readonly RedisMemory _memory;
    private readonly ShardClaims _claims;
    private readonly RedisAppender _appender;
    private readonly RedisReader _reader;
    private readonly RedisProgress _progress;
    private readonly QueueEnds _ends;
    private readonly RedisJournalOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing = new();
    private readonly PeriodicTimer _timer;
    private Task _looking = Task.CompletedTask;
    private volatile string? _away;
    private int _isDisposed;
    private int _isLookingSoon;

    /// <summary>How long after a message the ends of queues are looked at: what was appended within 20 ms of it had no message of its own.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(30);

    private RedisJournal(
        RedisConnection connection,
        RedisKeys keys,
        RedisStore store,
        ShardHoldings holdings,
        QueueReads reads,
        RedisJournalOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _connection = connection;
        _store = store;
        _options = options;
        _logger = logger;
        _time = time;
        Parameters = options.Parameters with { Format = store.Identity.Format };
        _ends = new QueueEnds(options.Parameters.Queues);
        _memory = new RedisMemory(connection, store, options, logger);
        _claims = new ShardClaims(connection, keys, store, holdings, options);
        var tails = new QueueTails(options.Parameters.Queues, options.TailBytesMax);
        var group = new AppendGroup(new ShardMap(Parameters.Shards, Parameters.Queues), holdings, tails, options, time);
        _appender = new RedisAppender(connection, keys, store, _memory, group, options, _ends.Hear, logger);
        _reader = new RedisReader(connection, keys, store, _ends, tails, reads);
        _progress = new RedisProgress(connection, keys, store, _ends, tails, options, logger);
        _timer = new PeriodicTimer(options.LookPeriod, time);
        store.Changed += Forget;
        connection.Changed += LookSoon;
    }

    public JournalParameters Parameters { get; }

    /// <summary>There are four times the queues of a single process, and each delivery wakes the threads of a process that shares its cores with others.</summary>
    public TimeSpan GatherPeriod => TimeSpan.FromMilliseconds(250);

    public int GatherBytes => 1 << 20;

    public long Incarnation => _store.Identity.Incarnation;

    /// <summary>Random name of the store, the same for all processes of the cluster: see <see cref="JournalName"/>.</summary>
    public string Name => _store.Identity.Name;

    /// <summary>The format that the cluster has stored: what processes write that start from now on.</summary>
    public int StoredFormat => _store.Identity.Format;

    public JournalHealth Health
    {
        get
        {
            var reason = Volatile.Read(ref _isDisposed) != 0 ? "The journal is closed."
                : _away ?? _appender.Trouble ?? (_memory.IsFull ? $"Redis is full: {_memory.Used} of at most {_memory.Bound} bytes." : "");
            var weakness = _store.Identity.Server.FindWeakness(_options.Server);
            var warning = string.Join(' ', new[] { weakness, _memory.Warning }.Where(text => text.Length > 0));
            return new JournalHealth(reason.Length == 0, reason, _ends.BytesStored, warning, _memory.Bound);
        }
    }

    /// <summary>Connects, makes the store or checks it, and starts the writer.</summary>
    /// <exception cref="JournalException">It cannot be reached or used, or was made with other parameters; one line for the operator.</exception>
    public static async Task<RedisJournal> OpenAsync(RedisJournalOptions options, TimeProvider time, ILogger logger)
    {
        var connection = await RedisConnection.OpenAsync(options, time, logger);
        try
        {
            var keys = new RedisKeys(options.Cluster);
            var holdings = new ShardHoldings(options.Parameters);
            var reads = new QueueReads(options.Parameters.Queues);
            var store = new RedisStore(connection, keys, options, holdings, reads, logger);
            await store.OpenAsync();
            var journal = new RedisJournal(connection, keys, store, holdings, reads, options, time, logger);
            await connection.SubscribeAsync(keys.Wake, journal.Hear);
            for (var queue = 0; queue < options.Parameters.Queues; queue++)
                await journal._reader.GetEndAsync(queue, CancellationToken.None);
            await journal._memory.LookAsync();
            journal._looking = journal.LookAsync();
            journal.LogOpened(options.Cluster, store.Identity.Incarnation);
            return journal;
        }
        catch (Exception trouble)
        {
            await connection.DisposeAsync();
            if (RedisTroubles.IsTrouble(trouble))
                throw new JournalException($"Redis cannot be used: {RedisTroubles.Describe(trouble)}", trouble);
            throw;
        }
    }

    /// <summary>The number of a shard behind those of the cluster: one for each queue.</summary>
    public int ReplayShardOf(int shard)
    {
        var (shards, queues) = (Parameters.Shards, Parameters.Queues);
        return shards + ((shard - (shards % queues) + queues) % queues);
    }

    /// <summary>Stores the latest format: somebody has decided that no process is left that cannot read it.</summary>
    /// <exception cref="JournalException">The store cannot be written.</exception>
    public async Task RaiseFormatAsync()
    {
        try
        {
            await _store.RaiseFormatAsync();
        }
        catch (Exception trouble) when (RedisTroubles.IsTrouble(trouble))
        {
            throw new JournalException($"Redis cannot be used: {RedisTroubles.Describe(trouble)}", trouble);
        }
    }

    public async ValueTask<ShardClaim> ClaimAsync(int shard, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)shard, (uint)ShardHoldings.CountOf(Parameters), nameof(shard));
        return await _claims.ClaimAsync(shard, cancellationToken);
    }

    public ValueTask<AppendOutcome> AppendAsync(ShardAppend append, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)append.Shard, (uint)ShardHoldings.CountOf(Parameters), nameof(append));
        return _appender.AppendAsync(append);
    }

    public ValueTask<JournalPage> ReadAsync(int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken)
    {
        CheckQueue(queue);
        return _reader.ReadAsync(queue, after, bytesMax, cancellationToken);
    }

    public ValueTask WaitAsync(int queue, JournalPosition after, CancellationToken cancellationToken)
    {
        CheckQueue(queue);
        return _reader.WaitAsync(queue, after, cancellationToken);
    }

    public ValueTask<QueueEnd> GetEndAsync(int queue, CancellationToken cancellationToken)
    {
        CheckQueue(queue);
        return _reader.GetEndAsync(queue, cancellationToken);
    }

    public ValueTask<SinkProgress?> ReadProgressAsync(string sink, int queue, CancellationToken cancellationToken)
    {
        CheckQueue(queue);
        return _progress.ReadAsync(sink, queue, cancellationToken);
    }

    public ValueTask<ProgressOutcome> SaveProgressAsync(SinkProgress progress, CancellationToken cancellationToken) =>
        SaveAsync(progress, mayGoBack: false, cancellationToken);

    public async ValueTask ResetProgressAsync(SinkProgress progress, CancellationToken cancellationToken) =>
        await SaveAsync(progress, mayGoBack: true, cancellationToken);

    public ValueTask<SinkProgress?> ClaimProgressAsync(string sink, int queue, long epochFloor, CancellationToken cancellationToken)
    {
        CheckQueue(queue);
        return _progress.ClaimAsync(sink, queue, epochFloor, cancellationToken);
    }

    public ValueTask<string?> AgreeOnSpillMarkAsync(string? proposed, CancellationToken cancellationToken) =>
        _progress.AgreeOnSpillMarkAsync(proposed, cancellationToken);

    public ValueTask<IReadOnlyList<SinkProgress>> ListProgressAsync(CancellationToken cancellationToken) => _progress.ListAsync(cancellationToken);

    public ValueTask ReleaseAsync(string sink, CancellationToken cancellationToken) => _progress.ReleaseAsync(sink, cancellationToken);

    public ValueTask TrimAsync(CancellationToken cancellationToken) => _progress.TrimAsync(cancellationToken);

    /// <summary>Writes what waits, then lets the server go.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _appender.DisposeAsync();
        _ends.Close();
        await _closing.CancelAsync();
        _timer.Dispose();
        await _looking;
        await _connection.DisposeAsync();
        _store.Dispose();
        _closing.Dispose();
    }

    private ValueTask<ProgressOutcome> SaveAsync(SinkProgress progress, bool mayGoBack, CancellationToken cancellationToken)
    {
        CheckQueue(progress.Queue);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        return _progress.SaveAsync(progress, mayGoBack, cancellationToken);
    }

    /// <summary>Every second: is the server there, how full is it, what can go.</summary>
    private async Task LookAsync()
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(_closing.Token))
                await LookOnceAsync();
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task LookOnceAsync()
    {
        try
        {
            await _memory.LookAsync();
            await _reader.HearEndsAsync();
            await _progress.TrimAsync(_closing.Token);
            if (_away is not null)
                _appender.Relieve();
            _away = null;
        }
        catch (Exception trouble) when (RedisTroubles.IsTrouble(trouble))
        {
            _away = $"Redis is away: {RedisTroubles.Describe(trouble)}";
            await _connection.RediscoverAsync();
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            LogTrimFailed(bug);
        }
    }

    private void Hear(string message)
    {
        if (message == "!")
            LookSoon();
        else
            HearAppended(message);
    }

    /// <summary>Not every append has its message: at load a message for each would cost every silo more than the events. So the ends are looked at once more.</summary>
    private void HearAppended(string message)
    {
        _ends.Hear(message);
        if (Interlocked.Exchange(ref _isLookingSoon, 1) == 0)
            _ = HearEndsSoonAsync();
    }

    private async Task HearEndsSoonAsync()
    {
        try
        {
            await Task.Delay(LookAgainAfter, _time, _closing.Token);
            Volatile.Write(ref _isLookingSoon, 0); // before looking, so that a message that comes meanwhile looks again
            await _reader.HearEndsAsync();
        }
        catch (Exception trouble) when (RedisTroubles.IsTrouble(trouble) || trouble is OperationCanceledException)
        {
            Volatile.Write(ref _isLookingSoon, 0); // they are looked at every second anyway
        }
    }

    private void Forget()
    {
        _progress.Forget();
        _ends.Forget();
    }

    /// <summary>The server may be another one, and messages may have been missed.</summary>
    private void LookSoon()
    {
        if (Volatile.Read(ref _isDisposed) != 0)
            return;
        _ = _store.LookAgainAsync(_store.Identity);
        _ends.Forget();
    }

    private void CheckQueue(int queue) => ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)queue, (uint)Parameters.Queues, nameof(queue));

    [LoggerMessage(EventIds.RedisOpened, LogLevel.Information, "The journal of cluster {Cluster} in Redis is open, incarnation {Incarnation}")]
    private partial void LogOpened(string cluster, long incarnation);

    [LoggerMessage(EventIds.RedisTrimFailed, LogLevel.Warning, "Redis could not be trimmed; trying again")]
    private partial void LogTrimFailed(Exception bug);
}
