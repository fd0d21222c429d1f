namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>Kinds of tokens; comments are none.</summary>
internal enum HoconTokenKind : byte
{
    EndOfFile,
    Newline,
    Blank,
    Comma,
    Equals,
    Colon,
    PlusEquals,
    ObjectStart,
    ObjectEnd,
    ListStart,
    ListEnd,
    Quoted,
    Unquoted,
    Number,
    Substitution,
}

/// <summary>One token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Content of a quoted string, else the text as written.</param>
/// <param name="Line">Line on which it starts, from 1.</param>
/// <param name="Reference">The path of a substitution.</param>
/// <param name="IsOptional">Whether a substitution is written with a question mark.</param>
internal readonly record struct HoconToken(HoconTokenKind Kind, string Text, int Line, HoconPath? Reference = null, bool IsOptional = false)
{
    public bool IsUnquotedText => Kind is HoconTokenKind.Unquoted or HoconTokenKind.Number;

    public bool StartsValue => Kind is HoconTokenKind.Quoted or HoconTokenKind.Unquoted or HoconTokenKind.Number
        or HoconTokenKind.Substitution or HoconTokenKind.ObjectStart or HoconTokenKind.ListStart;

    /// <summary>How a message names it.</summary>
    public string Description => Kind switch
    {
        HoconTokenKind.EndOfFile => "end of file",
        HoconTokenKind.Newline => "end of line",
        HoconTokenKind.Blank => "a blank",
        HoconTokenKind.Quoted => $"the string {HoconText.Quote(Shorten(Text))}",
        _ => $"'{Shorten(Text)}'",
    };

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
