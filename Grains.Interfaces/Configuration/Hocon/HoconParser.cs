using Divolte.Grains.Interfaces.Configuration.Hocon.Files;

namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>Tokens to a tree with positions. Includes are read and merged where they stand.</summary>
internal sealed class HoconParser
{
    private readonly HoconIncludes _includes;
    private readonly HoconSource _source;
    private readonly HoconPath? _includedAt;
    private readonly List<HoconToken> _tokens;
    private int _at;
    private int _depth;

    private HoconParser(string text, HoconSource source, HoconIncludes includes, HoconPath? includedAt)
    {
        (_includes, _source, _includedAt) = (includes, source, includedAt);
        _tokens = HoconLexer.Tokenize(text, source.Name);
    }

    private HoconToken Current => _tokens[_at];

    /// <summary>Parses a whole file.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="source">Where the text is from; relative includes start there.</param>
    /// <param name="includes">Reads the files it includes.</param>
    /// <param name="includedAt">Path of the object into which the file is included; the root for a file of its own, null inside a list.</param>
    /// <exception cref="HoconException">The text is not a HOCON object.</exception>
    public static HoconObjectNode Parse(string text, HoconSource source, HoconIncludes includes, HoconPath? includedAt = null) =>
        new HoconParser(text, source, includes, includedAt).ParseFile(includedAt ?? HoconPath.Root);

    private HoconObjectNode ParseFile(HoconPath path)
    {
        SkipBlanksAndNewlines();
        if (Current.Kind == HoconTokenKind.ListStart)
            throw Fail("the file holds a list, but a configuration must be an object");
        var root = new HoconObjectNode(Origin(Current));
        if (Current.Kind == HoconTokenKind.ObjectStart)
        {
            _at++;
            ParseFields(root, path, HoconTokenKind.ObjectEnd);
            _at++;
            SkipBlanksAndNewlines();
            if (Current.Kind != HoconTokenKind.EndOfFile)
                throw Fail($"expecting the end of file behind the closing brace, but found {Current.Description}");
        }
        else
        {
            ParseFields(root, path, HoconTokenKind.EndOfFile);
        }

        return root;
    }

    /// <summary>Reads fields up to <paramref name="end"/>, which stays the current token.</summary>
    /// <param name="into">Gets the fields.</param>
    /// <param name="path">Path of the object; null inside a list, where no path leads.</param>
    /// <param name="end">Token that ends the object.</param>
    private void ParseFields(HoconObjectNode into, HoconPath? path, HoconTokenKind end)
    {
        while (true)
        {
            SkipBlanksAndNewlines();
            if (Current.Kind == end)
                return;
            if (Current.Kind is HoconTokenKind.ObjectEnd or HoconTokenKind.EndOfFile)
            {
                throw Fail(end == HoconTokenKind.ObjectEnd
                    ? "a closing brace is missing: found end of file inside an object"
                    : "unbalanced closing brace: there is no open object here");
            }

            if (Current is { Kind: HoconTokenKind.Unquoted, Text: "include" })
                into.Merge(HoconIncludeStatement.Parse(_tokens, ref _at, _source).Read(_includes, _source, path));
            else
                ParseField(into, path);
            ParseSeparator(end);
        }
    }

    private void ParseField(HoconObjectNode into, HoconPath? path)
    {
        var key = ParseKey();
        var origin = Origin(Current);
        var full = path?.Then(key);
        _depth += key.Elements.Count;
        RequireDepth();
        var separator = Current.Kind;
        if (separator is HoconTokenKind.Equals or HoconTokenKind.Colon or HoconTokenKind.PlusEquals)
            _at++;
        else if (separator != HoconTokenKind.ObjectStart)
            throw Fail($"expecting '=', ':' or '{{' behind the key '{key}', but found {Current.Description}");
        SkipBlanksAndNewlines();
        var value = ParseValue(separator == HoconTokenKind.PlusEquals ? null : full);
        into.Assign(key, separator == HoconTokenKind.PlusEquals ? new HoconAppendNode(value, origin) : value);
        _depth -= key.Elements.Count;
    }

    private HoconPath ParseKey()
    {
        var start = _at;
        var origin = Origin(Current);
        while (Current.IsUnquotedText || Current.Kind is HoconTokenKind.Quoted or HoconTokenKind.Blank)
            _at++;
        if (_at == start)
            throw Fail(Current.Kind == HoconTokenKind.Comma ? "a comma without a field in front of it" : $"expecting a key, but found {Current.Description}");
        var end = _at;
        while (_tokens[end - 1].Kind == HoconTokenKind.Blank)
            end--;
        SkipBlanksAndNewlines();
        return HoconPath.Parse(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_tokens)[start..end], origin);
    }

    private void ParseSeparator(HoconTokenKind end)
    {
        var lineEnded = SkipBlanksAndNewlines();
        if (Current.Kind == HoconTokenKind.Comma)
        {
            _at++;
            SkipBlanksAndNewlines();
            if (Current.Kind == HoconTokenKind.Comma)
                throw Fail("two commas in a row");
        }
        else if (!lineEnded && Current.Kind != end && Current.Kind is not (HoconTokenKind.ObjectEnd or HoconTokenKind.EndOfFile))
        {
            var closing = end == HoconTokenKind.ListEnd ? "']'" : "'}'";
            throw Fail($"expecting a comma, an end of line or {closing} behind a value, but found {Current.Description}");
        }
    }

    private HoconNode ParseValue(HoconPath? path)
    {
        var pieces = new List<HoconNode>();
        var origin = Origin(Current);
        while (Current.StartsValue || Current.Kind == HoconTokenKind.Blank)
            pieces.Add(ParsePiece(path));
        while (pieces is [.., HoconBlankNode])
            pieces.RemoveAt(pieces.Count - 1);
        return pieces.Count switch
        {
            0 => throw Fail($"expecting a value, but found {Current.Description}"),
            1 => pieces[0],
            _ => new HoconJoinNode(pieces, origin),
        };
    }

    private HoconNode ParsePiece(HoconPath? path)
    {
        var token = Current;
        var origin = Origin(token);
        _at++;
        switch (token.Kind)
        {
            case HoconTokenKind.Blank:
                return new HoconBlankNode(token.Text, origin);
            case HoconTokenKind.Quoted:
                return new HoconScalarNode(HoconScalarKind.Text, token.Text, origin);
            case HoconTokenKind.Number:
                return new HoconScalarNode(HoconScalarKind.Number, token.Text, origin);
            case HoconTokenKind.Substitution:
                return new HoconReferenceNode(token.Text, token.Reference!, _includedAt, token.IsOptional, origin);
            case HoconTokenKind.ObjectStart:
                Enter();
                var fields = new HoconObjectNode(origin);
                ParseFields(fields, path, HoconTokenKind.ObjectEnd);
                Leave();
                return fields;
            case HoconTokenKind.ListStart:
                Enter();
                var list = new HoconListNode(ParseItems(), origin);
                Leave();
                return list;
            default:
                return new HoconScalarNode(
                    token.Text switch { "true" or "false" => HoconScalarKind.Boolean, "null" => HoconScalarKind.Null, _ => HoconScalarKind.Text },
                    token.Text,
                    origin);
        }
    }

    private List<HoconNode> ParseItems()
    {
        var items = new List<HoconNode>();
        while (true)
        {
            SkipBlanksAndNewlines();
            if (Current.Kind == HoconTokenKind.ListEnd)
                return items;
            if (Current.Kind == HoconTokenKind.EndOfFile)
                throw Fail("a closing bracket is missing: found end of file inside a list");
            if (Current.Kind == HoconTokenKind.Comma)
                throw Fail("a comma without a value in front of it");
            items.Add(ParseValue(path: null));
            ParseSeparator(HoconTokenKind.ListEnd);
        }
    }

    private void Enter()
    {
        _depth++;
        RequireDepth();
    }

    private void Leave()
    {
        _depth--;
        _at++;
    }

    private void RequireDepth()
    {
        if (_depth > HoconLimits.Depth)
            throw Fail($"objects and lists are nested more than {HoconLimits.Depth} levels deep");
    }

    private bool SkipBlanksAndNewlines()
    {
        var lineEnded = false;
        while (Current.Kind is HoconTokenKind.Blank or HoconTokenKind.Newline)
        {
            lineEnded |= Current.Kind == HoconTokenKind.Newline;
            _at++;
        }

        return lineEnded;
    }

    private HoconOrigin Origin(HoconToken token) => new(_source.Name, token.Line);

    private HoconException Fail(string reason) => new(Origin(Current), reason);
}
