using System.Text.Json;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Interfaces.UserAgents;

namespace Divolte.Silo.Live;

/// <summary>What the live page shows, at one moment. Counts only grow, but for those of a process that came back; the page makes rates of them.</summary>
/// <param name="Time">When it was collected.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="State">Whether it serves or is leaving.</param>
/// <param name="Obstacle">Why no event can be taken; null when one can.</param>
/// <param name="Silo">Address of the silo that answers.</param>
/// <param name="Sources">What the journal took from each source.</param>
/// <param name="Edge">What came in at the edges of all processes that take visitors and are not gone, per source.</param>
/// <param name="Frontends">Each of those processes, and those that are gone of late.</param>
/// <param name="FirstSights">Events taken as new since their shards came to their silos.</param>
/// <param name="Repetitions">Events flagged as repeated since then.</param>
/// <param name="Sinks">One entry per sink, all queues together.</param>
/// <param name="Shards">The silo of each shard, by index into <paramref name="Silos"/>; -1 while it is nowhere.</param>
/// <param name="Silos">Addresses of the silos that hold shards.</param>
/// <param name="Browsers">User-agent families of the last one to two minutes, the most first.</param>
/// <param name="Records">Records of late, masked.</param>
internal sealed record LiveSnapshot(
    DateTimeOffset Time,
    string Version,
    string State,
    string? Obstacle,
    string Silo,
    IReadOnlyDictionary<string, long> Sources,
    IReadOnlyList<SourceEdge> Edge,
    IReadOnlyList<LiveFrontend> Frontends,
    long FirstSights,
    long Repetitions,
    IReadOnlyList<LiveSink> Sinks,
    IReadOnlyList<int> Shards,
    IReadOnlyList<string> Silos,
    IReadOnlyList<UserAgentFamilyCount> Browsers,
    IReadOnlyList<LiveRecord> Records);

/// <summary>One process that takes visitors, with what it has counted since it started.</summary>
/// <param name="Instance">Id of this start of the process.</param>
/// <param name="Name">Host and public port.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="IsGone">It told nothing for so long that it no longer counts.</param>
/// <param name="SilentMilliseconds">How long ago it told its figures.</param>
/// <param name="Sources">Its figures per source.</param>
internal sealed record LiveFrontend(
    Guid Instance, string Name, DateTimeOffset StartedAt, bool IsGone, long SilentMilliseconds, IReadOnlyList<SourceEdge> Sources);

/// <summary>One sink.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">The worst state of its queues.</param>
/// <param name="Reason">Why, if it is not running.</param>
/// <param name="BacklogBytes">Bytes of the journal that wait for it.</param>
/// <param name="OldestMilliseconds">Age of the oldest event that waits; null when none does.</param>
/// <param name="Ledger">Its ledger, per mapping, all queues together.</param>
internal sealed record LiveSink(
    string Name, SinkState State, string Reason, long BacklogBytes, long? OldestMilliseconds, IReadOnlyList<LedgerLine> Ledger);

/// <summary>One record, masked.</summary>
/// <param name="Sink">Where it went.</param>
/// <param name="Mapping">What made it.</param>
/// <param name="RequestedAt">When its request arrived.</param>
/// <param name="Record">Its fields.</param>
internal sealed record LiveRecord(string Sink, string Mapping, DateTimeOffset RequestedAt, JsonElement Record);
