namespace Divolte.Grains.Mapping.Script;

/// <summary>A type named in a script.</summary>
internal sealed record ScriptType(string Name, string FullName)
{
    public override string ToString() => FullName;
}

/// <summary>A regular expression made with <c>~/…/</c>.</summary>
internal sealed record ScriptPattern(string Expression);

/// <summary>An exception that a script has thrown or caught.</summary>
internal sealed record ScriptError(string Type, string? Message)
{
    public override string ToString() => Message is null ? Type : $"{Type}: {Message}";
}
