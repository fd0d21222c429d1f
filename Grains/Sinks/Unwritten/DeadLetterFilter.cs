namespace Divolte.Grains.Sinks.Unwritten;

/// <summary>Which dead letters a replay takes; null takes all.</summary>
/// <param name="Mapping">Name of the mapping.</param>
/// <param name="Reason">The name of the reason, whatever its case, or a text within the explanation.</param>
internal sealed record DeadLetterFilter(string? Mapping = null, string? Reason = null)
{
    public bool Takes(DeadLetter letter) =>
        (Mapping is null || letter.Mapping == Mapping) &&
        (Reason is null
            || letter.Reason.ToString().Equals(Reason, StringComparison.OrdinalIgnoreCase)
            || letter.Explanation.Contains(Reason, StringComparison.OrdinalIgnoreCase));
}
