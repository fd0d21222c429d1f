namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>One mistake in the configuration.</summary>
/// <param name="Path">
/// Where. For a broken rule, upstream's form: map entries in brackets and names in camelCase, <c>divolte.sources[browser].javascript.name</c>.
/// For a value that cannot be read, the dotted path as in the file. Empty for a file that cannot be read.
/// </param>
/// <param name="Message">What is wrong and what is allowed.</param>
/// <param name="Found">The value found, as text; null when there is none. Never a secret.</param>
/// <param name="Origin">File and line, when known.</param>
public sealed record ConfigurationViolation(string Path, string Message, string? Found = null, string? Origin = null)
{
    /// <summary>What kind of mistake it is; decides how it is printed.</summary>
    public ConfigurationViolationKind Kind { get; init; }

    /// <summary>Keys that would have been allowed, for an unknown one.</summary>
    public IReadOnlyList<string> AvailableProperties { get; init; } = [];

    /// <summary>The whole text for a log, in upstream's form.</summary>
    public override string ToString() => Kind switch
    {
        ConfigurationViolationKind.Rule => $"Property '{Path}' {Message}. Found: '{Found}'.{(Origin is null ? "" : $"\n\tLocation: {Origin}")}",
        ConfigurationViolationKind.Binding =>
            $"{Message}.\n\tLocation: {Origin ?? "<unknown source>"}\n\tConfiguration path to error: {PathInFile}"
            + (AvailableProperties.Count == 0 ? "" : $"\n\tAvailable properties: {string.Join(", ", AvailableProperties.Select(name => $"\"{name}\""))}"),
        _ => Origin is null ? Message : $"{Origin}: {Message}",
    };

    private string PathInFile => Path switch
    {
        "" or "divolte" => "<unknown path>",
        _ when Path.StartsWith("divolte.", StringComparison.Ordinal) => $"\"{Path["divolte.".Length..]}\"",
        _ => $"\"{Path}\"",
    };
}

/// <summary>Kinds of mistakes.</summary>
public enum ConfigurationViolationKind
{
    /// <summary>Values that were read, but are not allowed or do not fit together.</summary>
    Rule,

    /// <summary>A key that does not exist, or a value of the wrong type.</summary>
    Binding,

    /// <summary>Text that is not HOCON, a substitution that leads nowhere, or a file that cannot be read.</summary>
    Syntax,
}

/// <summary>Something in the configuration that works, but perhaps not as meant.</summary>
/// <param name="Path">Where: the dotted path of the setting.</param>
/// <param name="Message">What happens, and what to change if it is not wanted.</param>
/// <param name="Origin">File and line, when known.</param>
public sealed record ConfigurationWarning(string Path, string Message, string? Origin = null)
{
    /// <summary>The whole text for a log.</summary>
    public override string ToString() => $"{Path}: {Message}{(Origin is null ? "" : $" ({Origin})")}";
}
