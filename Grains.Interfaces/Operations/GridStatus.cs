using Divolte.Grains.Interfaces.Deduplication;
using Orleans;

namespace Divolte.Grains.Interfaces.Operations;

/// <summary>How the sinks and shards are, at one moment.</summary>
/// <param name="Sinks">One entry per sink and queue.</param>
/// <param name="Shards">One entry per active shard.</param>
[GenerateSerializer, Immutable, Alias("divolte.grid-status")]
public sealed record GridStatus([property: Id(0)] IReadOnlyList<SinkStatus> Sinks, [property: Id(1)] IReadOnlyList<ShardStatus> Shards);

/// <summary>One queue of one sink.</summary>
/// <param name="Sink">Name of the sink in the configuration.</param>
/// <param name="Queue">Number of the queue.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Reason">Why it is not simply running; empty otherwise.</param>
/// <param name="BacklogBytes">Bytes of the journal that are not yet confirmed.</param>
/// <param name="OldestWaiting">When the oldest unconfirmed event was appended; null when there is none.</param>
/// <param name="Ledger">What came in and what became of it, per mapping.</param>
/// <param name="Silo">Address of the silo that it runs on, as text; empty when it does not answer.</param>
/// <param name="SpilledBytes">Bytes of the backlog that lie in the sink's spill files.</param>
[GenerateSerializer, Immutable, Alias("divolte.sink-status")]
public sealed record SinkStatus(
    [property: Id(0)] string Sink,
    [property: Id(1)] int Queue,
    [property: Id(2)] SinkState State,
    [property: Id(3)] string Reason,
    [property: Id(4)] long BacklogBytes,
    [property: Id(5)] DateTimeOffset? OldestWaiting,
    [property: Id(6)] IReadOnlyList<LedgerLine> Ledger,
    [property: Id(7)] string Silo = "",
    [property: Id(8)] long SpilledBytes = 0);

/// <summary>What a sink is doing.</summary>
public enum SinkState : byte
{
    /// <summary>Writing, or waiting for events.</summary>
    Running = 0,

    /// <summary>The destination is away; the next try comes by itself.</summary>
    Paused = 1,

    /// <summary>Somebody must decide, for example about progress of a foreign journal incarnation.</summary>
    Stopped = 2,
}

/// <summary>The ledger of one mapping in one sink. <c>Accepted = Written + discarded + kept + Pending</c>, always.</summary>
/// <param name="Mapping">Name of the mapping.</param>
/// <param name="Accepted">Events of the mapping's sources that the journal took since the sink began.</param>
/// <param name="Written">Records that the destination has confirmed.</param>
/// <param name="Ended">Events that ended otherwise, by reason.</param>
/// <param name="Pending">Events not yet decided.</param>
[GenerateSerializer, Immutable, Alias("divolte.ledger-line")]
public sealed record LedgerLine(
    [property: Id(0)] string Mapping,
    [property: Id(1)] long Accepted,
    [property: Id(2)] long Written,
    [property: Id(3)] IReadOnlyDictionary<DropReason, long> Ended,
    [property: Id(4)] long Pending);
