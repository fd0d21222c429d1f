namespace Divolte.Grains.UserAgents.Vocabulary;

/// <summary>An agent that the rules know.</summary>
/// <param name="Type">One of <see cref="AgentTypes"/>.</param>
/// <param name="Family">Its family in the vocabulary.</param>
/// <param name="Vendor">Who makes it; empty when that is not known.</param>
/// <param name="Name">Its name.</param>
/// <param name="MobileFamily">Its family and name on a phone or tablet; empty when it has none of its own.</param>
internal sealed record FamilyRow(string Type, string Family, string Vendor, string Name, string MobileFamily);
