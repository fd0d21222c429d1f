namespace Divolte.Grains.UserAgents.Vocabulary;

/// <summary>An operating system.</summary>
/// <param name="Family">Its family.</param>
/// <param name="Vendor">Who makes it; empty when that is not known.</param>
/// <param name="Literals">Each of them tells it; none when <paramref name="RuleFamilies"/> do.</param>
/// <param name="RuleFamilies">The families by which the rules call it.</param>
internal sealed record SystemRow(string Family, string Vendor, HeaderLiteral[] Literals, string[] RuleFamilies);
