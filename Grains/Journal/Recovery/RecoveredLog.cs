using Divolte.Grains.Journal.Marks;
using Divolte.Grains.Journal.Segments;

namespace Divolte.Grains.Journal.Recovery;

/// <summary>What recovery found on disk.</summary>
/// <param name="Segments">In order; the last is open for appends.</param>
/// <param name="MarksFiles">The summaries, oldest first, also of segments that are freed.</param>
/// <param name="Queues">What each queue has taken up to the end.</param>
/// <param name="Redeliveries">The redelivery state at the end.</param>
/// <param name="EpochMax">The highest epoch of any entry.</param>
/// <param name="Incarnation">The incarnation that positions carry from now on.</param>
internal sealed record RecoveredLog(
    List<Segment> Segments,
    List<MarksFile> MarksFiles,
    QueueState[] Queues,
    RedeliveryTable Redeliveries,
    long EpochMax,
    long Incarnation);
