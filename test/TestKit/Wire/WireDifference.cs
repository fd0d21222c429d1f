namespace Divolte.TestKit.Wire;

/// <summary>Where what was seen is not what was recorded.</summary>
/// <param name="Facet"><c>status</c>, <c>header:NAME</c> in lower case, <c>body</c>, <c>connection</c>, <c>events</c> (their number, key or order) or <c>field:NAME</c>.</param>
/// <param name="Expected">What was recorded.</param>
/// <param name="Actual">What was seen.</param>
public sealed record WireDifference(string Facet, string Expected, string Actual)
{
    public override string ToString() => $"{Facet}: {Expected} was recorded, {Actual} was seen";
}
