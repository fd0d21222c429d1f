using Divolte.Frontend.Spool;

namespace Divolte.Frontend.Submission;

/// <summary>What the spool is asked to do next.</summary>
/// <param name="Group">What to write; null when there is only upkeep.</param>
/// <param name="Parts">Whose frames these are, in the order of the group.</param>
internal sealed record SpoolWork(SpoolGroup? Group, IReadOnlyList<BatchPart> Parts);
