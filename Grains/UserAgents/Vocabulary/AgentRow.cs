namespace Divolte.Grains.UserAgents.Vocabulary;

/// <summary>An agent that is known by a text in the header.</summary>
/// <param name="Type">One of <see cref="AgentTypes"/>.</param>
/// <param name="Family">Its family.</param>
/// <param name="Vendor">Who makes it; empty when that is not known.</param>
/// <param name="Name">Its name.</param>
/// <param name="Literals">Each of them tells it.</param>
internal sealed record AgentRow(string Type, string Family, string Vendor, string Name, HeaderLiteral[] Literals);
