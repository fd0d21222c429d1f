using System.Collections.Concurrent;
using System.Globalization;

namespace Divolte.Grains.Mapping.Patterns;

/// <summary>The sets that <c>\p{…}</c> names in Java: categories, scripts, blocks, POSIX classes, properties and Java's own tests.</summary>
internal static class UnicodeProperties
{
    private const string Resource = "Divolte.Grains.Mapping.Patterns.UnicodeProperties.txt";

    private static readonly ConcurrentDictionary<string, CodePointSet?> Found = new(StringComparer.Ordinal);

    private static readonly Lazy<Dictionary<(string Kind, string Name), CodePointSet>> Table = new(ReadTable);

    private static readonly Dictionary<string, UnicodeCategory[]> Categories = BuildCategories();

    /// <summary>The set of a name; null when there is none.</summary>
    /// <param name="name">What stands between the braces.</param>
    /// <param name="isUnicode">Whether POSIX names mean Unicode properties: the flag <c>U</c>.</param>
    public static CodePointSet? Find(string name, bool isUnicode) => Found.GetOrAdd($"{(isUnicode ? 'U' : 'A')}{name}", _ => Look(name, isUnicode));

    private static CodePointSet? Look(string name, bool isUnicode)
    {
        var equals = name.IndexOf('=', StringComparison.Ordinal);
        if (equals >= 0)
        {
            var value = name[(equals + 1)..];
            return name[..equals].ToLowerInvariant() switch
            {
                "sc" or "script" => Tabled("script", value),
                "blk" or "block" => Tabled("block", value),
                "gc" or "general_category" => Category(value),
                _ => null,
            };
        }
        if (name.StartsWith("In", StringComparison.Ordinal))
            return Tabled("block", name[2..]);
        if (name.StartsWith("Is", StringComparison.Ordinal))
            return Binary(name[2..]) ?? Category(name[2..]) ?? Tabled("script", name[2..]);
        return (isUnicode ? UnicodePosix(name) : null) ?? Category(name) ?? Posix(name) ?? JavaTest(name);
    }

    private static CodePointSet? Tabled(string kind, string name) => Table.Value.GetValueOrDefault((kind, Normal(name)));

    private static CodePointSet? Binary(string name) => name.ToUpperInvariant() switch
    {
        "LETTER" => Category("L"),
        "DIGIT" => Category("Nd"),
        "CONTROL" => Category("Cc"),
        "PUNCTUATION" => Category("P"),
        "TITLECASE" => Category("Lt"),
        "ASSIGNED" => Category("Cn")!.Complement(),
        "WHITESPACE" => Tabled("binary", "White_Space"),
        _ => Tabled("binary", name) ?? UnicodePosix(name),
    };

    private static string Normal(string name) => new([.. name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);

    private static Dictionary<string, UnicodeCategory[]> BuildCategories()
    {
        var names = new Dictionary<string, UnicodeCategory[]>(StringComparer.Ordinal);
        string[] two =
        [
            "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps",
            "Pe", "Pi", "Pf", "Po",
            "Sm", "Sc", "Sk", "So", "Cn",
        ];
        for (var index = 0; index < two.Length; index++)
            names[two[index]] = [(UnicodeCategory)index];
        foreach (var group in two.GroupBy(name => name[..1]))
            names[group.Key] = group.SelectMany(name => names[name]).ToArray();
        names["LC"] = [UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter];
        names["LD"] = [.. names["L"], UnicodeCategory.DecimalDigitNumber];
        return names;
    }

    private static CodePointSet? Category(string name) => name switch
    {
        "L1" => CodePointSet.Of((0, 0xff)),
        "all" or "ALL" => CodePointSet.All,
        "ASCII" => CodePointSet.Of((0, 0x7f)),
        _ => Categories.TryGetValue(name, out var categories) ? CodePointSet.Where(category => categories.Contains(category)) : null,
    };

    /// <summary>The ASCII classes of POSIX.</summary>
    private static CodePointSet? Posix(string name) => name switch
    {
        "Alnum" => CodePointSet.Of(('0', '9'), ('A', 'Z'), ('a', 'z')),
        "Alpha" => CodePointSet.Of(('A', 'Z'), ('a', 'z')),
        "Digit" => CodePointSet.Of(('0', '9')),
        "Upper" => CodePointSet.Of(('A', 'Z')),
        "Lower" => CodePointSet.Of(('a', 'z')),
        "Punct" => CodePointSet.Of(('!', '/'), (':', '@'), ('[', '`'), ('{', '~')),
        "Graph" => CodePointSet.Of(('!', '~')),
        "Print" => CodePointSet.Of((' ', '~')),
        "Blank" => CodePointSet.Of(" \t"),
        "Cntrl" => CodePointSet.Of((0, 0x1f), (0x7f, 0x7f)),
        "XDigit" => CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
        "Space" => CodePointSet.Of((0x09, 0x0d), (' ', ' ')),
        _ => null,
    };

    /// <summary>The same names with the flag <c>U</c>, in whatever case.</summary>
    private static CodePointSet? UnicodePosix(string name) => name.ToUpperInvariant() switch
    {
        "ALPHA" => Tabled("binary", "Alphabetic"),
        "LOWER" => Tabled("binary", "Lowercase"),
        "UPPER" => Tabled("binary", "Uppercase"),
        "SPACE" => Tabled("binary", "White_Space"),
        "DIGIT" => Category("Nd"),
        "ALNUM" => Tabled("binary", "Alphabetic")!.Union(Category("Nd")!),
        "PUNCT" => Category("P"),
        "CNTRL" => Category("Cc"),
        "BLANK" => Category("Zs")!.Union(CodePointSet.Of("\t")),
        "XDIGIT" => Category("Nd")!.Union(Tabled("binary", "Hex_Digit")!),
        "GRAPH" => Graph,
        "PRINT" => Graph.Union(Category("Zs")!),
        "WORD" => Tabled("binary", "Alphabetic")!.Union(Category("M")!).Union(Category("Nd")!).Union(Category("Pc")!).Union(Tabled("binary", "Join_Control")!),
        _ => null,
    };

    private static CodePointSet Graph => Tabled("binary", "White_Space")!.Union(Category("Cc")!).Union(Category("Cn")!).Complement();

    /// <summary><c>javaLowerCase</c> and its like: the tests of <c>Character</c>.</summary>
    private static CodePointSet? JavaTest(string name) => name switch
    {
        "javaLowerCase" => Tabled("binary", "Lowercase"),
        "javaUpperCase" => Tabled("binary", "Uppercase"),
        "javaAlphabetic" => Tabled("binary", "Alphabetic"),
        "javaIdeographic" => Tabled("binary", "Ideographic"),
        "javaTitleCase" => Category("Lt"),
        "javaDigit" => Category("Nd"),
        "javaDefined" => Category("Cn")!.Complement(),
        "javaLetter" => Category("L"),
        "javaLetterOrDigit" => Category("LD"),
        "javaSpaceChar" => Category("Z"),
        "javaWhitespace" => Category("Z")!.Intersect(CodePointSet.Of("\u00a0\u2007\u202f").Complement()).Union(CodePointSet.Of((0x09, 0x0d), (0x1c, 0x1f))),
        "javaISOControl" => CodePointSet.Of((0, 0x1f), (0x7f, 0x9f)),
        "javaJavaIdentifierStart" => Category("L")!.Union(Category("Nl")!).Union(Category("Sc")!).Union(Category("Pc")!),
        "javaJavaIdentifierPart" => Category("LD")!.Union(Category("Nl")!).Union(Category("Sc")!).Union(Category("Pc")!)
            .Union(Category("Mn")!).Union(Category("Mc")!).Union(CodePointSet.Of((0, 8), (0x0e, 0x1b), (0x7f, 0x9f))).Union(Category("Cf")!),
        "javaMirrored" => CodePointSet.Of("()<>[]{}«»"),
        _ => null,
    };

    private static Dictionary<(string, string), CodePointSet> ReadTable()
    {
        using var stream = typeof(UnicodeProperties).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing from this build.");
        using var reader = new StreamReader(stream);
        var table = new Dictionary<(string, string), CodePointSet>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var parts = line.Split(' ');
            var ranges = parts[2].Split(',').Select(range => range.Split('-')).Select(range => (Code(range[0]), Code(range[^1])));
            table[(parts[0], Normal(parts[1]))] = CodePointSet.Of([.. ranges]);
        }
        // Java has some blocks under their older names.
        table[("block", "greek")] = table[("block", "greekandcoptic")];
        table[("block", "combiningmarksforsymbols")] = table[("block", "combiningdiacriticalmarksforsymbols")];
        return table;
    }

    private static int Code(string hexadecimal) => int.Parse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
