using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Backlog;

/// <summary>
/// The journal as the shards see it: while a sink with <c>on_full = reject</c> has too much waiting, appends are answered as if the store were full, and
/// clients get 503. Everything else goes through unchanged.
/// </summary>
internal sealed class BacklogGuard(IJournal journal) : IJournal
{
    private volatile string? _rejection;

    /// <summary>Why appends are refused; null when they are not.</summary>
    public string? Rejection
    {
        get => _rejection;
        set => _rejection = value;
    }

    public JournalParameters Parameters => journal.Parameters;

    public long Incarnation => journal.Incarnation;

    public TimeSpan GatherPeriod => journal.GatherPeriod;

    public int GatherBytes => journal.GatherBytes;

    public JournalHealth Health => journal.Health is { CanAppend: true } health && _rejection is { } reason
        ? health with { CanAppend = false, Reason = reason }
        : journal.Health;

    public ValueTask<AppendOutcome> AppendAsync(ShardAppend append, CancellationToken cancellationToken) =>
        _rejection is null ? journal.AppendAsync(append, cancellationToken) : new(new AppendOutcome(AppendStatus.Unavailable, default));

    public int ReplayShardOf(int shard) => journal.ReplayShardOf(shard);

    public void BeginGroup() => journal.BeginGroup();

    public void EndGroup() => journal.EndGroup();

    public ValueTask<ShardClaim> ClaimAsync(int shard, CancellationToken cancellationToken) => journal.ClaimAsync(shard, cancellationToken);

    public ValueTask<JournalPage> ReadAsync(int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken) =>
        journal.ReadAsync(queue, after, bytesMax, cancellationToken);

    public ValueTask WaitAsync(int queue, JournalPosition after, CancellationToken cancellationToken) => journal.WaitAsync(queue, after, cancellationToken);

    public ValueTask<QueueEnd> GetEndAsync(int queue, CancellationToken cancellationToken) => journal.GetEndAsync(queue, cancellationToken);

    public ValueTask<SinkProgress?> ReadProgressAsync(string sink, int queue, CancellationToken cancellationToken) =>
        journal.ReadProgressAsync(sink, queue, cancellationToken);

    public ValueTask<ProgressOutcome> SaveProgressAsync(SinkProgress progress, CancellationToken cancellationToken) =>
        journal.SaveProgressAsync(progress, cancellationToken);

    public ValueTask ResetProgressAsync(SinkProgress progress, CancellationToken cancellationToken) => journal.ResetProgressAsync(progress, cancellationToken);

    public ValueTask<SinkProgress?> ClaimProgressAsync(string sink, int queue, long epochFloor, CancellationToken cancellationToken) =>
        journal.ClaimProgressAsync(sink, queue, epochFloor, cancellationToken);

    public ValueTask<string?> AgreeOnSpillMarkAsync(string? proposed, CancellationToken cancellationToken) =>
        journal.AgreeOnSpillMarkAsync(proposed, cancellationToken);

    public string Name => journal.Name;

    public ValueTask SyncProgressAsync(CancellationToken cancellationToken) => journal.SyncProgressAsync(cancellationToken);

    public ValueTask<IReadOnlyList<SinkProgress>> ListProgressAsync(CancellationToken cancellationToken) => journal.ListProgressAsync(cancellationToken);

    public ValueTask ReleaseAsync(string sink, CancellationToken cancellationToken) => journal.ReleaseAsync(sink, cancellationToken);

    public ValueTask TrimAsync(CancellationToken cancellationToken) => journal.TrimAsync(cancellationToken);

    public ValueTask DisposeAsync() => journal.DisposeAsync();
}
