namespace Divolte.Frontend.Operations;

/// <summary>What a host has to say on its admin port.</summary>
/// <param name="Obstacle">Why no event can be taken now; null when one can.</param>
/// <param name="Status">Answers <c>/status</c>.</param>
/// <param name="Others">Answers every path that both hosts do not have in common.</param>
internal sealed record AdminPages(Func<string?> Obstacle, RequestDelegate Status, RequestDelegate Others);
