namespace Divolte.Grains.Interfaces.Configuration.Hocon.Files;

/// <summary>How an include names its target.</summary>
internal enum HoconIncludeKind : byte
{
    /// <summary>A file beside the including one; else a resource.</summary>
    Any,
    File,
    Resource,
    Url,
}

/// <summary><c>include "name"</c>, or with <c>file()</c>, <c>classpath()</c>, <c>url()</c>, <c>required()</c> around the name.</summary>
internal sealed record HoconIncludeStatement(HoconIncludeKind Kind, string Name, bool IsRequired, HoconOrigin Origin)
{
    /// <summary>Reads the statement that starts at <paramref name="at"/> with the word <c>include</c>, up to its end.</summary>
    /// <exception cref="HoconException">It is not of one of the forms.</exception>
    public static HoconIncludeStatement Parse(IReadOnlyList<HoconToken> tokens, ref int at, HoconSource source)
    {
        var origin = new HoconOrigin(source.Name, tokens[at].Line);
        at++;
        var opening = ReadWords(tokens, ref at);
        if (tokens[at].Kind != HoconTokenKind.Quoted)
            throw Bad();
        var name = tokens[at].Text;
        at++;
        var closing = ReadWords(tokens, ref at);
        var isRequired = opening.StartsWith("required(", StringComparison.Ordinal);
        if (isRequired)
            opening = opening["required(".Length..];
        var parentheses = (isRequired ? 1 : 0) + (opening.Length > 0 ? 1 : 0);
        if (closing != new string(')', parentheses))
            throw Bad();
        var kind = opening switch
        {
            "" => HoconIncludeKind.Any,
            "file(" => HoconIncludeKind.File,
            "classpath(" => HoconIncludeKind.Resource,
            "url(" => HoconIncludeKind.Url,
            _ => throw Bad(),
        };
        return new HoconIncludeStatement(kind, name, isRequired, origin);

        HoconException Bad() => new(
            origin,
            "'include' must be followed by a name in double quotes, or by file(\"…\"), classpath(\"…\") or url(\"…\"), each also inside required(…);"
            + " quote \"include\" if it is meant as a key");
    }

    /// <summary>Reads and parses the target.</summary>
    /// <param name="includes">Finds and reads files.</param>
    /// <param name="source">The including file.</param>
    /// <param name="at">Path of the object in which the statement stands; null inside a list.</param>
    public HoconObjectNode Read(HoconIncludes includes, HoconSource source, HoconPath? at) => includes.Read(this, source, at);

    private static string ReadWords(IReadOnlyList<HoconToken> tokens, ref int at)
    {
        var words = "";
        for (; tokens[at].Kind is HoconTokenKind.Unquoted or HoconTokenKind.Blank; at++)
        {
            if (tokens[at].Kind == HoconTokenKind.Unquoted)
                words += tokens[at].Text;
        }

        return words;
    }
}
