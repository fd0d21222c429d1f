using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>How far a queue's backlog is in spill files, stored with the sink's progress.</summary>
/// <param name="Through">Offset up to which they hold everything that the sink has not confirmed; the journal may free it.</param>
/// <param name="Accepted">Events of the queue that the journal had counted there, by source.</param>
internal sealed record SpillMark(long Through, IReadOnlyList<SourceCount> Accepted)
{
    public static readonly SpillMark None = new(0, []);
}
