namespace Divolte.Grains.Mapping.Script;

internal enum TokenKind : byte
{
    End,
    NewLine,
    Identifier,
    Keyword,

    /// <summary>A number or plain string; its value is in <see cref="ScriptToken.Value"/>.</summary>
    Literal,

    /// <summary>A string with insertions; its parts are in <see cref="ScriptToken.Value"/>: strings and lists of tokens.</summary>
    Template,

    /// <summary>Operators and brackets.</summary>
    Symbol,
}

/// <summary>One word of a script.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written; of a string, its content.</param>
/// <param name="Value">Of literals and templates.</param>
/// <param name="Position">Where it starts.</param>
/// <param name="IsSpaced">Whether something blank precedes it.</param>
internal sealed record ScriptToken(TokenKind Kind, string Text, object? Value, ScriptPosition Position, bool IsSpaced)
{
    public bool Is(string symbol) => Kind is TokenKind.Symbol or TokenKind.Keyword && Text == symbol;

    /// <summary>How messages name it.</summary>
    public string Description => Kind switch
    {
        TokenKind.End => "the end of the script",
        TokenKind.NewLine => "the end of the line",
        TokenKind.Literal or TokenKind.Template => Value is string or List<object> ? "a string" : $"the number {Text}",
        _ => $"'{Text}'",
    };
}
