using System.Globalization;
using System.Text;

namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>What characters mean, and how text is written so that it is read back the same.</summary>
internal static class HoconText
{
    /// <summary>Blank but not a line end: only U+000A ends a line.</summary>
    public static bool IsBlank(char character) =>
        character switch
        {
            '\n' => false,
            ' ' or '\t' or '\r' or '\v' or '\f' or '\uFEFF' or (>= '\u001C' and <= '\u001F') => true,
            _ => character > '\u007F'
                && char.GetUnicodeCategory(character) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator,
        };

    /// <summary>Whether the character has a meaning of its own and so cannot stand in unquoted text.</summary>
    public static bool IsReserved(char character) => "$\"{}[]:=,+#`^?!@*&\\".Contains(character, StringComparison.Ordinal);

    /// <summary>Whether the text is a number by JSON's grammar.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text)
    {
        var at = text.StartsWith('-') ? 1 : 0;
        var whole = Digits(text, at);
        if (whole == 0 || (whole > 1 && text[at] == '0'))
            return false;
        at += whole;
        if (at < text.Length && text[at] == '.')
        {
            var fraction = Digits(text, ++at);
            if (fraction == 0)
                return false;
            at += fraction;
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            if (at < text.Length && text[at] is '+' or '-')
                at++;
            var exponent = Digits(text, at);
            if (exponent == 0)
                return false;
            at += exponent;
        }

        return at == text.Length;
    }

    /// <summary>The text as a JSON string.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' or '\u007F' or '\u2028' or '\u2029' or '\uFEFF' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ when char.IsSurrogate(character) => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static int Digits(ReadOnlySpan<char> text, int from)
    {
        var count = 0;
        while (from + count < text.Length && char.IsAsciiDigit(text[from + count]))
            count++;
        return count;
    }
}
