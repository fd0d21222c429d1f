namespace Divolte.Grains.UserAgents.Vocabulary;

/// <summary>A category of devices that is told by a text in the header.</summary>
internal sealed record DeviceRow(string Category, HeaderLiteral[] Literals);
