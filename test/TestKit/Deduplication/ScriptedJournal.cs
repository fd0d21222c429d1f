using System.Text;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;

namespace Divolte.TestKit.Deduplication;

/// <summary>
/// The part of a journal that shards need, in memory: claims, fenced appends, marks and redelivery state. Appends wait for the test to decide them, or
/// succeed at once.
/// </summary>
internal sealed class ScriptedJournal(TimeProvider time) : IJournal
{
    private readonly Dictionary<int, ShardState> _shards = [];
    private readonly List<Waiting> _waiting = [];

    /// <summary>Whether appends wait for <see cref="Decide"/>.</summary>
    public bool IsManual { get; set; }

    /// <summary>Whether claims fail.</summary>
    public bool IsAway { get; set; }

    /// <summary>Whether claims tell no marks and no deliveries, so that only what an activation brings along is known.</summary>
    public bool HidesMarks { get; set; }

    public IReadOnlyList<ShardAppend> WaitingAppends
    {
        get
        {
            lock (_shards)
                return [.. _waiting.Select(waiting => waiting.Append)];
        }
    }

    public JournalParameters Parameters { get; init; } = new(4, 2, "party");

    public long Incarnation => 1;

    public JournalHealth Health => new(true, "", 0);

    /// <summary>Every event in the journal, in order, with its flag: <c>id</c> or <c>id*</c> for a repetition.</summary>
    public IReadOnlyList<string> EventsOf(int shard)
    {
        lock (_shards)
            return [.. Of(shard).Events];
    }

    public long EpochOf(int shard)
    {
        lock (_shards)
            return Of(shard).Epoch;
    }

    public IReadOnlyList<SourceCount> SourcesOf(int shard)
    {
        lock (_shards)
            return [.. Of(shard).Sources];
    }

    /// <summary>Ends the append that waits for longest, or another.</summary>
    /// <param name="status">What the caller is told.</param>
    /// <param name="isWritten">Whether an unknown append is written.</param>
    /// <param name="index">Which.</param>
    public void Decide(AppendStatus status, bool isWritten = false, int index = 0)
    {
        Waiting waiting;
        AppendOutcome outcome;
        lock (_shards)
        {
            waiting = _waiting[index];
            _waiting.RemoveAt(index);
            outcome = status switch
            {
                AppendStatus.Appended => Write(waiting.Append),
                AppendStatus.Unknown when isWritten => Write(waiting.Append) with { Status = AppendStatus.Unknown },
                AppendStatus.Unknown or AppendStatus.Unavailable or AppendStatus.StaleEpoch => new AppendOutcome(status, default),
                _ => throw new ArgumentOutOfRangeException(nameof(status)),
            };
        }
        waiting.Outcome.SetResult(outcome);
    }

    /// <summary>Ends the append that waits for longest with what no journal should do.</summary>
    public void Throw(Exception trouble)
    {
        Waiting waiting;
        lock (_shards)
        {
            waiting = _waiting[0];
            _waiting.RemoveAt(0);
        }
        waiting.Outcome.SetException(trouble);
    }

    public ValueTask<ShardClaim> ClaimAsync(int shard, CancellationToken cancellationToken) => ValueTask.FromResult(Claim(shard));

    /// <summary>Claims a shard, at once.</summary>
    public ShardClaim Claim(int shard)
    {
        lock (_shards)
        {
            if (IsAway)
                throw new TimeoutException("The scripted journal is away.");
            var state = Of(shard);
            state.Epoch += 10; // larger, not next
            if (HidesMarks)
                return new ShardClaim(state.Epoch, time.GetUtcNow(), [], []);
            var redeliveries = state.Frontends.Select(pair =>
                new FrontendRedelivery(pair.Key, pair.Value.SettledBelow, [.. pair.Value.Appended], time.GetUtcNow()));
            return new ShardClaim(state.Epoch, time.GetUtcNow(), [.. state.Marks], [.. redeliveries]);
        }
    }

    public ValueTask<AppendOutcome> AppendAsync(ShardAppend append, CancellationToken cancellationToken)
    {
        lock (_shards)
        {
            if (!IsManual)
                return ValueTask.FromResult(Write(append));
            var waiting = new Waiting(append, new TaskCompletionSource<AppendOutcome>());
            _waiting.Add(waiting);
            return new ValueTask<AppendOutcome>(waiting.Outcome.Task);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public ValueTask<JournalPage> ReadAsync(int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask WaitAsync(int queue, JournalPosition after, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<QueueEnd> GetEndAsync(int queue, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<SinkProgress?> ReadProgressAsync(string sink, int queue, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ProgressOutcome> SaveProgressAsync(SinkProgress progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask ResetProgressAsync(SinkProgress progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SinkProgress>> ListProgressAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask ReleaseAsync(string sink, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask TrimAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    private ShardState Of(int shard) => _shards.TryGetValue(shard, out var state) ? state : _shards[shard] = new ShardState();

    private AppendOutcome Write(ShardAppend append)
    {
        var state = Of(append.Shard);
        if (append.Epoch != state.Epoch)
            return new AppendOutcome(AppendStatus.StaleEpoch, default);
        var now = time.GetUtcNow();
        for (var frames = append.Frames.Span; !frames.IsEmpty;)
        {
            var frame = EventFrameReader.Parse(frames);
            var isRepeated = frame.Flags.HasFlag(FrameFlags.Duplicate);
            state.Events.Add(Encoding.UTF8.GetString(frame[FrameSlot.EventId]) + (isRepeated ? "*" : ""));
            if (!isRepeated)
                state.Marks.Add(new EventMark(frame.IdentityKey, now));
            frames = frames[frame.Bytes.Length..];
        }
        state.Sources.AddRange(append.Sources);
        if (!state.Frontends.TryGetValue(append.Frontend, out var frontend))
            frontend = state.Frontends[append.Frontend] = new FrontendState();
        frontend.SettledBelow = Math.Max(frontend.SettledBelow, append.SettledBelow);
        frontend.Appended.RemoveWhere(sequence => sequence < frontend.SettledBelow);
        frontend.Appended.Add(append.Sequence);
        return new AppendOutcome(AppendStatus.Appended, now);
    }

    private sealed record Waiting(ShardAppend Append, TaskCompletionSource<AppendOutcome> Outcome);

    private sealed class FrontendState
    {
        public long SettledBelow { get; set; }

        public SortedSet<long> Appended { get; } = [];
    }

    private sealed class ShardState
    {
        public long Epoch { get; set; }

        public List<string> Events { get; } = [];

        public List<EventMark> Marks { get; } = [];

        public List<SourceCount> Sources { get; } = [];

        public Dictionary<Guid, FrontendState> Frontends { get; } = [];
    }
}
