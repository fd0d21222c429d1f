namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>One mistake in the configuration.</summary>
/// <param name="Path">Where: the dotted path of the setting.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
/// <param name="Found">The value found, as text; null when there is none.</param>
/// <param name="Origin">File and line, when known.</param>
public sealed record ConfigurationViolation(string Path, string Message, string? Found = null, string? Origin = null);
