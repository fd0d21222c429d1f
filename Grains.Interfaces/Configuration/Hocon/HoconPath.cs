using System.Text;

namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>A path expression: the elements between unquoted dots.</summary>
internal sealed class HoconPath(IReadOnlyList<string> elements)
{
    public static HoconPath Root { get; } = new([]);

    public IReadOnlyList<string> Elements { get; } = elements;

    public HoconPath Then(string element) => new([.. Elements, element]);

    public HoconPath Then(HoconPath rest) => Elements.Count == 0 ? rest : new([.. Elements, .. rest.Elements]);

    /// <summary>Reads the tokens of a key or of a substitution; blanks around have been taken off by the caller.</summary>
    /// <exception cref="HoconException">An element is empty, or a token cannot be part of a path.</exception>
    public static HoconPath Parse(ReadOnlySpan<HoconToken> tokens, HoconOrigin origin)
    {
        var elements = new List<string>();
        var element = new StringBuilder();
        var wasQuoted = false;
        foreach (var token in tokens)
        {
            if (token.Kind == HoconTokenKind.Quoted)
            {
                element.Append(token.Text);
                wasQuoted = true;
                continue;
            }

            if (!token.IsUnquotedText && token.Kind != HoconTokenKind.Blank)
                throw new HoconException(origin, $"{token.Description} cannot be part of a path expression; quote it if it is meant as text");
            foreach (var character in token.Text)
            {
                if (character != '.' || token.Kind == HoconTokenKind.Blank)
                    element.Append(character);
                else
                    End();
            }
        }

        End();
        return elements.Count <= HoconLimits.Depth
            ? new HoconPath(elements)
            : throw new HoconException(origin, $"a path has more than {HoconLimits.Depth} elements");

        void End()
        {
            if (element.Length == 0 && !wasQuoted)
            {
                throw new HoconException(
                    origin,
                    "bad path expression: a leading dot, a trailing dot or two dots in a row leave an element empty (quote \"\" if an empty key is meant)");
            }

            elements.Add(element.ToString());
            element.Clear();
            wasQuoted = false;
        }
    }

    public override string ToString() => string.Join('.', Elements.Select(Quote));

    /// <summary>An element as it must be written in a path.</summary>
    public static string Quote(string element)
    {
        foreach (var character in element)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-'))
                return HoconText.Quote(element);
        }

        return element.Length == 0 ? "\"\"" : element;
    }
}
