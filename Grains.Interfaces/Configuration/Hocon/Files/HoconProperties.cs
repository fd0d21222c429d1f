using System.Globalization;
using System.Text;

namespace Divolte.Grains.Interfaces.Configuration.Hocon.Files;

/// <summary>Flat properties with dotted names: Java's <c>.properties</c> files and <c>-D</c> options. All values are texts.</summary>
internal static class HoconProperties
{
    /// <summary>Parses a <c>.properties</c> file.</summary>
    /// <exception cref="HoconException">A <c>\u</c> escape is damaged, or a name has too many parts.</exception>
    public static HoconObjectNode Parse(string text, string source)
    {
        var properties = new List<(string Name, string Value, HoconOrigin Origin)>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var origin = new HoconOrigin(source, i + 1);
            var line = new StringBuilder(lines[i].TrimStart(' ', '\t', '\f'));
            if (line.Length == 0 || line[0] is '#' or '!')
                continue;
            while (EndsInContinuation(line) && i + 1 < lines.Length)
            {
                line.Length--;
                line.Append(lines[++i].TrimStart(' ', '\t', '\f'));
            }

            var (name, value) = Split(line.ToString());
            properties.Add((Unescape(name, origin), Unescape(value, origin), origin));
        }

        return Build(properties, source);
    }

    /// <summary>Dotted names to nested objects. A name that is also the beginning of longer ones gives way to them.</summary>
    /// <exception cref="HoconException">A name has too many parts.</exception>
    public static HoconObjectNode Build(IReadOnlyList<(string Name, string Value, HoconOrigin Origin)> properties, string source)
    {
        var root = new HoconObjectNode(new HoconOrigin(source));
        var prefixes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _, origin) in properties)
        {
            if (name.AsSpan().Count('.') >= HoconLimits.Depth)
                throw new HoconException(origin, $"a name has more than {HoconLimits.Depth} parts");
            for (var dot = name.LastIndexOf('.'); dot > 0; dot = name.LastIndexOf('.', dot - 1))
            {
                if (!prefixes.Add(name[..dot]))
                    break;
            }
        }

        foreach (var (name, value, origin) in properties)
        {
            if (!prefixes.Contains(name))
                root.Assign(new HoconPath(name.Split('.')), new HoconScalarNode(HoconScalarKind.Text, value, origin));
        }

        return root;
    }

    private static bool EndsInContinuation(StringBuilder line)
    {
        var slashes = 0;
        while (slashes < line.Length && line[line.Length - 1 - slashes] == '\\')
            slashes++;
        return slashes % 2 == 1;
    }

    private static (string Name, string Value) Split(string line)
    {
        var end = 0;
        while (end < line.Length && line[end] is not ('=' or ':' or ' ' or '\t' or '\f'))
            end += line[end] == '\\' ? 2 : 1;
        end = Math.Min(end, line.Length);
        var start = end;
        while (start < line.Length && line[start] is ' ' or '\t' or '\f')
            start++;
        if (start < line.Length && line[start] is '=' or ':')
            start++;
        return (line[..end], line[start..].TrimStart(' ', '\t', '\f'));
    }

    private static string Unescape(string text, HoconOrigin origin)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i] == '\\' ? "" : text[i]);
                continue;
            }

            i++;
            if (text[i] == 'u')
            {
                if (i + 4 >= text.Length || !ushort.TryParse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
                    throw new HoconException(origin, "\\u must be followed by four hexadecimal digits");
                plain.Append((char)unit);
                i += 4;
                continue;
            }

            plain.Append(text[i] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', _ => text[i] });
        }

        return plain.ToString();
    }
}
