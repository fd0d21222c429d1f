using Divolte.Grains.Interfaces.Deduplication;

namespace Divolte.Grains.Mapping;

/// <summary>What a mapping made of one event.</summary>
/// <param name="Reason"><see cref="DropReason.None"/> when there is a record; otherwise why there is none.</param>
/// <param name="Explanation">For the dead letter: what went wrong, with field and cause. Empty for discarded events.</param>
internal readonly record struct MapOutcome(DropReason Reason, string Explanation)
{
    public static readonly MapOutcome Mapped = new(DropReason.None, "");
}
