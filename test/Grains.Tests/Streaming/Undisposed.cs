using Divolte.Grains.Journal;

namespace Divolte.Grains.Tests.Streaming;

/// <summary>The same journal, which outlives the silos of a test.</summary>
internal sealed class Undisposed(IJournal journal) : IJournal
{
    public JournalParameters Parameters => journal.Parameters;

    public long Incarnation => journal.Incarnation;

    public JournalHealth Health => journal.Health;

    public ValueTask<AppendOutcome> AppendAsync(ShardAppend append, CancellationToken cancellationToken) => journal.AppendAsync(append, cancellationToken);

    public ValueTask<ShardClaim> ClaimAsync(int shard, CancellationToken cancellationToken) => journal.ClaimAsync(shard, cancellationToken);

    public ValueTask<JournalPage> ReadAsync(int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken) =>
        journal.ReadAsync(queue, after, bytesMax, cancellationToken);

    public ValueTask WaitAsync(int queue, JournalPosition after, CancellationToken cancellationToken) => journal.WaitAsync(queue, after, cancellationToken);

    public ValueTask<QueueEnd> GetEndAsync(int queue, CancellationToken cancellationToken) => journal.GetEndAsync(queue, cancellationToken);

    public ValueTask<SinkProgress?> ReadProgressAsync(string sink, int queue, CancellationToken cancellationToken) =>
        journal.ReadProgressAsync(sink, queue, cancellationToken);

    public ValueTask<ProgressOutcome> SaveProgressAsync(SinkProgress progress, CancellationToken cancellationToken) => journal.SaveProgressAsync(progress, cancellationToken);

    public ValueTask ResetProgressAsync(SinkProgress progress, CancellationToken cancellationToken) => journal.ResetProgressAsync(progress, cancellationToken);

    public ValueTask SyncProgressAsync(CancellationToken cancellationToken) => journal.SyncProgressAsync(cancellationToken);

    public ValueTask<IReadOnlyList<SinkProgress>> ListProgressAsync(CancellationToken cancellationToken) => journal.ListProgressAsync(cancellationToken);

    public ValueTask ReleaseAsync(string sink, CancellationToken cancellationToken) => journal.ReleaseAsync(sink, cancellationToken);

    public ValueTask TrimAsync(CancellationToken cancellationToken) => journal.TrimAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
