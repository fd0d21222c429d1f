using System.Globalization;
using System.Threading.Channels;
using Divolte.Grains.Journal.Redis.Connecting;
using Divolte.Grains.Journal.Redis.State;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Appending;

/// <summary>
/// The one loop that writes. Appends that arrive while a script is under way wait together and share the next one; that is all the batching there is, no
/// timer. One script at a time, so that what is known of a shard is never ahead of what the store has answered.
/// </summary>
internal sealed partial class RedisAppender : IAsyncDisposable
{
    private const int LooksMax = 3;

    private readonly RedisConnection _connection;
    private readonly RedisKeys _keys;
    private readonly RedisStore _store;
    private readonly RedisMemory _memory;
    private readonly AppendGroup _group;
    private readonly RedisJournalOptions _options;
    private readonly Action<string> _appended;
    private readonly ILogger _logger;
    private readonly Channel<RedisAppend> _waiting = Channel.CreateUnbounded<RedisAppend>(new UnboundedChannelOptions { SingleReader = false });
    private readonly List<RedisAppend> _taken = [];
    private readonly Task _ended;
    private long _waitingBytes;
    private volatile string? _trouble;

    /// <param name="connection">The way to the server.</param>
    /// <param name="keys">The cluster's keys.</param>
    /// <param name="store">Says which store it is.</param>
    /// <param name="memory">Says whether there is room.</param>
    /// <param name="group">Makes the scripts.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="appended">Called with the new ends of queues, as on the wake channel.</param>
    /// <param name="logger">The log.</param>
    public RedisAppender(
        RedisConnection connection, RedisKeys keys, RedisStore store, RedisMemory memory, AppendGroup group, RedisJournalOptions options, Action<string> appended, ILogger logger)
    {
        _connection = connection;
        _keys = keys;
        _store = store;
        _memory = memory;
        _group = group;
        _options = options;
        _appended = appended;
        _logger = logger;
        _ended = RunAsync();
    }

    /// <summary>Why the last write failed; null when it did not.</summary>
    public string? Trouble => _trouble;

    /// <summary>Queues an append; unavailable at once when too much waits, or the store is full.</summary>
    public ValueTask<AppendOutcome> AppendAsync(ShardAppend append)
    {
        var request = new RedisAppend(append, _options.AppendBytesMax, isMarked: append.Shard < _options.Parameters.Shards);
        if (_memory.IsFull || !TryQueue(request))
            return new ValueTask<AppendOutcome>(new AppendOutcome(AppendStatus.Unavailable, default));
        return new ValueTask<AppendOutcome>(request.Outcome);
    }

    /// <summary>The server has answered something: whether appends go well is seen with the next one.</summary>
    public void Relieve() => _trouble = null;

    /// <summary>Writes what waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _ended;
    }

    private bool TryQueue(RedisAppend request)
    {
        var waiting = Interlocked.Add(ref _waitingBytes, request.Length);
        if ((waiting <= _options.WaitingBytesMax || waiting == request.Length) && _waiting.Writer.TryWrite(request))
            return true;
        Interlocked.Add(ref _waitingBytes, -request.Length);
        return false;
    }

    private async Task RunAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            Take();
            var activity = BatchActivities.StartAppend("redis", _taken.Count);
            try
            {
                await WriteAsync();
            }
            catch (Exception bug)
            {
                // Nobody else would ever write again.
                LogFailed(bug);
                _group.Fail(AppendStatus.Unknown);
                var answers = new RedisAnswers();
                foreach (var request in _taken)
                    answers.Add(request, AppendStatus.Unknown, default);
                answers.Publish();
            }
            finally
            {
                BatchActivities.End(activity, _trouble);
            }
        }
    }

    private void Take()
    {
        _taken.Clear();
        var bytes = 0;
        while (_taken.Count < _options.GroupAppendsMax && _waiting.Reader.TryPeek(out var next)
            && (_taken.Count == 0 || bytes + next.Length <= _options.GroupBytesMax) && _waiting.Reader.TryRead(out next))
        {
            _taken.Add(next);
            bytes += next.Length;
        }
        Interlocked.Add(ref _waitingBytes, -bytes);
    }

    private async Task WriteAsync()
    {
        for (var look = 0; ; look++)
        {
            var store = _store.Identity;
            var arguments = _group.Build(_taken, store);
            if (_group.Count == 0)
                return;
            try
            {
                var answer = (RedisResult[])(await SendAsync(arguments))!;
                if (answer[0].ToString() == "ok")
                {
                    Conclude(answer);
                    return;
                }
            }
            catch (Exception trouble) when (RedisTroubles.IsTrouble(trouble))
            {
                Fail(trouble);
                return;
            }
            // Another server, or another incarnation: nothing was written.
            if (look == LooksMax || !await _store.LookAgainAsync(store))
            {
                EnterTrouble("Redis was restarted or failed over and cannot be looked at yet.");
                _group.Fail(AppendStatus.Unavailable);
                return;
            }
        }
    }

    private async Task<RedisResult> SendAsync(RedisValue[] arguments)
    {
        var answer = RedisScript.Append.RunAsync(_connection.Writes, _keys.Prefix, arguments);
        await Replicas.WaitAsync(_connection.Writes, answer, _options.Server);
        return await answer;
    }

    private void Conclude(RedisResult[] answer)
    {
        var bytes = 0L;
        foreach (var request in _taken)
            bytes += request.Length;
        _memory.Add(bytes);
        _group.Conclude(answer[2].ToString(), long.Parse(answer[1].ToString(), CultureInfo.InvariantCulture), answer[4].ToString());
        if (_trouble is not null)
        {
            _trouble = null;
            LogAvailable();
        }
        _appended(answer[3].ToString());
    }

    private void Fail(Exception trouble)
    {
        EnterTrouble($"Redis cannot take events: {RedisTroubles.Describe(trouble)}");
        _group.Fail(RedisTroubles.Of(trouble) == RedisTrouble.Unknown ? AppendStatus.Unknown : AppendStatus.Unavailable);
    }

    private void EnterTrouble(string reason)
    {
        if (_trouble is null)
            LogUnavailable(reason);
        _trouble = reason;
    }

    [LoggerMessage(EventIds.RedisUnavailable, LogLevel.Error, "{Reason} Events are refused until it can")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(EventIds.RedisAvailable, LogLevel.Information, "Redis takes events again")]
    private partial void LogAvailable();

    [LoggerMessage(EventIds.RedisAppendFailed, LogLevel.Error, "A group of appends ended with an error of its own; what became of it is unknown")]
    private partial void LogFailed(Exception bug);
}
