using Divolte.Grains.Interfaces.Formats;

namespace Divolte.Grains.Journal;

/// <summary>
/// Where events are kept between acknowledgement and sink: one ordered stream of entries per queue, with the marks of the duplicate memory in the same
/// write, the fencing epochs of the shards, and the progress of the sinks. All implementations pass one compliance suite.
/// </summary>
/// <remarks>Thread-safe. Expected trouble (disk full, store away, stale epoch) is a value; <see cref="JournalException"/> is for what stops a start.</remarks>
internal interface IJournal : IAsyncDisposable
{
    /// <summary>The numbers that were stored at the first start.</summary>
    JournalParameters Parameters { get; }

    /// <summary>Raised whenever the store may have come back shorter. Positions of another incarnation mean nothing.</summary>
    long Incarnation { get; }

    /// <summary>Random name of a store that several processes share, the same for all of them; empty for one that is one process's alone.</summary>
    string Name => "";

    /// <summary>Takes over a shard: raises its epoch, so that every later write under an older one fails, and reads what the shard must remember.</summary>
    ValueTask<ShardClaim> ClaimAsync(int shard, CancellationToken cancellationToken);

    /// <summary>
    /// The shard to claim for a replay of events that belong to a shard: that one in a store that is one process's alone; otherwise one beside those of the
    /// cluster, of the same queue, so that nobody who takes events is fenced. Such a shard remembers what was delivered, and no marks.
    /// </summary>
    int ReplayShardOf(int shard) => shard;

    /// <summary>
    /// Appends one shard's events with their marks and redelivery state, or nothing. Calls that arrive while a write is under way share the next one:
    /// one write and one sync carry the appends of many shards. Returns when they are synced to stable storage, or not written.
    /// </summary>
    /// <remarks>The frames must stay unchanged until the task completes; the token ends only the waiting for room, never a write under way.</remarks>
    ValueTask<AppendOutcome> AppendAsync(ShardAppend append, CancellationToken cancellationToken);

    /// <summary>
    /// Says that this thread is about to append for several shards at once: until <see cref="EndGroup"/>, which must follow on the same thread, without an await
    /// between them, a write need not begin for the first of them. Only a hint.
    /// </summary>
    void BeginGroup()
    {
    }

    /// <summary>Ends what <see cref="BeginGroup"/> began: what was appended meanwhile is written now.</summary>
    void EndGroup()
    {
    }

    /// <summary>Reads on in one queue: whole entries after a position, in order, about so many bytes at most and at least one entry if there is any.</summary>
    /// <returns>A page without entries when there is nothing behind the position yet.</returns>
    ValueTask<JournalPage> ReadAsync(int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken);

    /// <summary>
    /// A queue whose sink keeps up is read this often. Every delivery costs a walk through the stream runtime, a buffer and a hand-over, the same for one
    /// event as for hundreds; a journal that is appended to every millisecond would cost several times its events. No client waits for a sink, and what
    /// comes after a pause is read at once.
    /// </summary>
    TimeSpan GatherPeriod => TimeSpan.FromMilliseconds(20);

    /// <summary>Bytes of one read of a queue for a sink, about: more than comes in a <see cref="GatherPeriod"/>, or a busy queue is read at once again.</summary>
    int GatherBytes => 256 << 10;

    /// <summary>Completes as soon as the queue holds something behind the position; at once if it does already.</summary>
    ValueTask WaitAsync(int queue, JournalPosition after, CancellationToken cancellationToken);

    /// <summary>The position behind the last synced entry of a queue, with the events that were ever appended to it, by source.</summary>
    ValueTask<QueueEnd> GetEndAsync(int queue, CancellationToken cancellationToken);

    /// <summary>The progress of one sink in one queue; null when it has none yet.</summary>
    ValueTask<SinkProgress?> ReadProgressAsync(string sink, int queue, CancellationToken cancellationToken);

    /// <summary>
    /// Stores the progress, whole or not at all. Synced lazily (within a second): a crash may bring back an older one, and the events behind it are
    /// delivered again. Progress that lies before what is stored changes nothing: it comes from a sink that has a successor and does not know it yet.
    /// </summary>
    ValueTask<ProgressOutcome> SaveProgressAsync(SinkProgress progress, CancellationToken cancellationToken);

    /// <summary>
    /// Stores the progress whatever was stored: somebody has decided where a sink goes on. Whoever has claimed it learns that with his next save, and what it
    /// says of spill files is forgotten unless <see cref="SinkProgress.SpilledThrough"/> is set.
    /// </summary>
    ValueTask ResetProgressAsync(SinkProgress progress, CancellationToken cancellationToken);

    /// <summary>
    /// Takes over a sink's queue in a store that several processes share: raises its epoch, so that no progress is stored any more under an older one, and reads
    /// which spill files belong to it. A store that is one process's alone has nothing to claim.
    /// </summary>
    /// <param name="sink">The sink.</param>
    /// <param name="queue">The queue, in which it has progress.</param>
    /// <param name="epochFloor">The new epoch is higher: one that the store may have forgotten in a failover.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask<SinkProgress?> ClaimProgressAsync(string sink, int queue, long epochFloor, CancellationToken cancellationToken) =>
        ReadProgressAsync(sink, queue, cancellationToken);

    /// <summary>The name of the file by which silos know that they see the same directory of spill files; the first one proposes it.</summary>
    /// <returns>What is stored; null when nothing is, and nothing was proposed.</returns>
    ValueTask<string?> AgreeOnSpillMarkAsync(string? proposed, CancellationToken cancellationToken) => new(proposed);

    /// <summary>Makes all progress that was stored so far durable. Does nothing in a store that always does so at once.</summary>
    /// <exception cref="IOException">It cannot be written now.</exception>
    ValueTask SyncProgressAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>All stored progress, also of sinks that left the configuration.</summary>
    ValueTask<IReadOnlyList<SinkProgress>> ListProgressAsync(CancellationToken cancellationToken);

    /// <summary>Forgets the progress of a sink in all queues, so that it holds back nothing.</summary>
    ValueTask ReleaseAsync(string sink, CancellationToken cancellationToken);

    /// <summary>Frees what lies before the slowest stored progress of every queue, and never anything else. Marks stay as long as the memory needs them.</summary>
    ValueTask TrimAsync(CancellationToken cancellationToken);

    /// <summary>Whether an append would be taken now, and how full the store is.</summary>
    JournalHealth Health { get; }
}

/// <summary>What a cluster stores at its first start.</summary>
/// <param name="Shards">Number of shards.</param>
/// <param name="Queues">Number of queues.</param>
/// <param name="RouteBy">What chooses the shard, as in the configuration.</param>
internal sealed record JournalParameters(int Shards, int Queues, string RouteBy)
{
    /// <summary>
    /// The format in which this process writes what others read, see <see cref="GridFormat"/>. In a grid the stored one, as of the start of the process; unlike
    /// the others it may be raised. The latest in a store that nobody shares.
    /// </summary>
    public int Format { get; init; } = GridFormat.Latest;
}

/// <summary>A place in a queue: everything before it is behind the reader. Ordered within one incarnation.</summary>
/// <param name="Incarnation">See <see cref="IJournal.Incarnation"/>.</param>
/// <param name="Offset">Grows with every entry; not dense.</param>
internal readonly record struct JournalPosition(long Incarnation, long Offset);

/// <summary>What a shard remembers when it starts.</summary>
/// <param name="Epoch">The epoch to append under; larger than any before it.</param>
/// <param name="Now">The store's clock.</param>
/// <param name="Marks">Keys of events with the time of their first sight, oldest first; at least those of the duplicate window.</param>
/// <param name="Redeliveries">What each frontend has delivered.</param>
internal sealed record ShardClaim(long Epoch, DateTimeOffset Now, IReadOnlyList<EventMark> Marks, IReadOnlyList<FrontendRedelivery> Redeliveries);

/// <summary>A remembered first sight.</summary>
internal readonly record struct EventMark(ulong Key, DateTimeOffset SeenAt);

/// <summary>Which parts of one frontend a shard has appended.</summary>
/// <param name="Frontend">The frontend process.</param>
/// <param name="SettledBelow">No part below this will be delivered again.</param>
/// <param name="Appended">The sequences from there on that are appended.</param>
/// <param name="LastSeen">When its last part was appended, by the store's clock.</param>
internal sealed record FrontendRedelivery(Guid Frontend, long SettledBelow, IReadOnlyList<long> Appended, DateTimeOffset LastSeen);

/// <summary>One shard's part of a write.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Epoch">The epoch that its claim returned.</param>
/// <param name="Frontend">Who delivered the part.</param>
/// <param name="Sequence">Its sequence.</param>
/// <param name="SettledBelow">See <see cref="FrontendRedelivery.SettledBelow"/>.</param>
/// <param name="EventCount">Number of frames.</param>
/// <param name="Frames">The frames, one after another, repeated ones flagged. A frame without the flag is a mark.</param>
/// <param name="Sources">How many of the events came from which source.</param>
internal sealed record ShardAppend(
    int Shard,
    long Epoch,
    Guid Frontend,
    long Sequence,
    long SettledBelow,
    int EventCount,
    ReadOnlyMemory<byte> Frames,
    IReadOnlyList<SourceCount> Sources);

/// <summary>Events of one source.</summary>
internal readonly record struct SourceCount(string Source, long Events);

/// <summary>Whether a part is in the journal.</summary>
internal enum AppendStatus : byte
{
    /// <summary>Synced to stable storage.</summary>
    Appended,

    /// <summary>Another activation has claimed the shard since; nothing was written.</summary>
    StaleEpoch,

    /// <summary>The store cannot take it now; nothing was written, and nothing will be.</summary>
    Unavailable,

    /// <summary>
    /// The store did not answer in time: the write may or may not have happened. Deliver again under the same sequence after a new claim; only a store
    /// behind a network answers so.
    /// </summary>
    Unknown,
}

/// <summary>What became of a <see cref="ShardAppend"/>.</summary>
/// <param name="Status">Whether it is written.</param>
/// <param name="StoreTime">The store's clock at the write: the time of first sight of its marks.</param>
internal readonly record struct AppendOutcome(AppendStatus Status, DateTimeOffset StoreTime);

/// <summary>What one read brought.</summary>
/// <param name="Entries">In order; empty when there is nothing new.</param>
/// <param name="Next">The position behind the last entry.</param>
internal sealed record JournalPage(IReadOnlyList<JournalEntry> Entries, JournalPosition Next)
{
    /// <summary>
    /// Whether something that lay behind the position was freed before this read; only a store that several processes share tells. Right where it lies before
    /// the sink's progress, or in its spill files.
    /// </summary>
    public bool HasGap { get; init; }
}

/// <summary>The events of one part, as stored.</summary>
/// <param name="Position">The position behind this entry.</param>
/// <param name="Shard">The shard that appended it.</param>
/// <param name="AppendedAt">The store's clock at the write.</param>
/// <param name="EventCount">Number of frames.</param>
/// <param name="Frames">The frames, one after another; not to be changed.</param>
internal sealed record JournalEntry(JournalPosition Position, int Shard, DateTimeOffset AppendedAt, int EventCount, ReadOnlyMemory<byte> Frames)
{
    /// <summary>
    /// Null for an entry. Otherwise it stands for entries that are damaged, has no frames, and says how many events the queue had taken up to its position:
    /// what a reader has not seen of them is lost.
    /// </summary>
    public IReadOnlyList<SourceCount>? AcceptedThrough { get; init; }
}

/// <summary>The end of a queue.</summary>
/// <param name="Position">Behind the last synced entry.</param>
/// <param name="Accepted">Events ever appended to this queue, by source.</param>
/// <param name="OldestWaiting">When the oldest entry behind the slowest progress was appended; null when nothing waits.</param>
internal sealed record QueueEnd(JournalPosition Position, IReadOnlyList<SourceCount> Accepted, DateTimeOffset? OldestWaiting);

/// <summary>How far a sink has come in a queue, with its ledger up to there.</summary>
/// <param name="Sink">Name of the sink.</param>
/// <param name="Queue">Number of the queue.</param>
/// <param name="Position">Everything before it is confirmed by the destination, discarded on purpose, or kept as a dead letter.</param>
/// <param name="Ledger">The ledger, written by <c>LossLedger</c>; opaque to the journal.</param>
internal sealed record SinkProgress(string Sink, int Queue, JournalPosition Position, ReadOnlyMemory<byte> Ledger)
{
    /// <summary>Offset up to which the sink keeps what it has not confirmed in files of its own: nothing before it is needed for this sink. 0 when it does not.</summary>
    public long SpilledThrough { get; init; }

    /// <summary>Offset behind which the journal must keep everything for this sink.</summary>
    public long NeededFrom => Math.Max(Position.Offset, SpilledThrough);

    /// <summary>Under which claim it is stored, and the sink's spill files; null in a store that is one process's alone, and where nobody has claimed it.</summary>
    public SpillClaim? Claim { get; init; }
}

/// <summary>The claim of one process to a sink's queue, and the spill files that its progress speaks of.</summary>
/// <param name="Epoch">Higher than that of every earlier claim.</param>
/// <param name="Version">Grows with every change of the list.</param>
/// <param name="Bytes">Bytes of the files.</param>
/// <param name="Files">The list, written by <c>SpillList</c>; opaque to the journal, and only a claim reads it.</param>
internal sealed record SpillClaim(long Epoch, long Version, long Bytes, ReadOnlyMemory<byte> Files);

/// <summary>Whether progress is stored.</summary>
internal enum ProgressOutcome : byte
{
    /// <summary>It is.</summary>
    Stored,

    /// <summary>What is stored is further.</summary>
    Behind,

    /// <summary>Another process has claimed the sink's queue since; nothing is stored under the old claim any more.</summary>
    Stale,
}

/// <summary>How the store is.</summary>
/// <param name="CanAppend">Whether the last write went well and there is room.</param>
/// <param name="Reason">Why not; empty otherwise.</param>
/// <param name="BytesStored">Bytes that the journal takes on disk or in Redis.</param>
/// <param name="Warning">What an operator should look at although the journal works, such as damaged files that are kept aside; empty otherwise.</param>
/// <param name="BytesMax">Bytes that the store may hold for everybody before it refuses more; 0 when only its disk says so.</param>
internal readonly record struct JournalHealth(bool CanAppend, string Reason, long BytesStored, string Warning = "", long BytesMax = 0);

/// <summary>The journal cannot be opened as asked: locked, damaged beyond recovery, or made with other parameters. The message is for the operator.</summary>
public sealed class JournalException(string message, Exception? inner = null) : Exception(message, inner);
