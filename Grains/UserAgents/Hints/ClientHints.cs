namespace Divolte.Grains.UserAgents.Hints;

/// <summary>What a browser says of itself in the headers <c>Sec-CH-UA*</c>. Everything is optional; what cannot be read counts as not said.</summary>
internal sealed class ClientHints
{
    /// <summary>The start of the names of all headers that count.</summary>
    public const string NamePrefix = "sec-ch-ua";

    /// <summary>The browser's own brand, not that of its engine; null when only engines or nonsense are named.</summary>
    public HintedBrand? Brand { get; private set; }

    /// <summary>Whether the browser calls itself mobile.</summary>
    public bool? IsMobile { get; private set; }

    public string Platform { get; private set; } = "";

    public string PlatformVersion { get; private set; } = "";

    public string Model { get; private set; } = "";

    /// <summary>Forms like <c>Tablet</c> or <c>Watch</c>.</summary>
    public IReadOnlyList<string> Forms { get; private set; } = [];

    private bool _hasFullVersions;

    /// <summary>Takes one header.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <param name="value">Its value.</param>
    public void Add(string name, string value)
    {
        switch (name.ToLowerInvariant())
        {
            case "sec-ch-ua" when !_hasFullVersions:
                Brand = HintedBrand.Choose(value) ?? Brand;
                break;
            case "sec-ch-ua-full-version-list" when HintedBrand.Choose(value) is { } brand:
                (Brand, _hasFullVersions) = (brand, true);
                break;
            case "sec-ch-ua-mobile":
                IsMobile = value.Trim() switch { "?1" => true, "?0" => false, _ => IsMobile };
                break;
            case "sec-ch-ua-platform":
                Platform = StructuredList.FirstText(value);
                break;
            case "sec-ch-ua-platform-version":
                PlatformVersion = StructuredList.FirstText(value);
                break;
            case "sec-ch-ua-model":
                Model = StructuredList.FirstText(value);
                break;
            case "sec-ch-ua-form-factors":
                Forms = [.. StructuredList.Read(value).Select(item => item.Text)];
                break;
        }
    }
}

/// <summary>A brand and its version; the version has one number, or all of them.</summary>
internal sealed record HintedBrand(string Name, string Version)
{
    private static readonly string[] Engines = ["Chromium", "Google Chrome", "Android WebView", "Microsoft Edge WebView2"];

    /// <summary>The brand of a list that says most: one that is no engine, else Chrome, else Chromium. Browsers add a nonsense brand, so that nobody relies on the list.</summary>
    public static HintedBrand? Choose(string list)
    {
        HintedBrand? best = null;
        foreach (var (text, parameter) in StructuredList.Read(list))
        {
            if (parameter.Length > 0 && !IsNonsense(text) && (best is null || Rank(text) > Rank(best.Name)))
                best = new HintedBrand(text, parameter);
        }
        return best;
    }

    private static int Rank(string name) => Array.IndexOf(Engines, name) is >= 0 and var index ? index : Engines.Length;

    /// <summary><c>Not A(Brand</c>, <c>Not;A=Brand</c>, <c> Not A;Brand</c>, …</summary>
    private static bool IsNonsense(string name)
    {
        var letters = string.Concat(name.Where(char.IsAsciiLetter));
        return letters.Length == 0 || letters.StartsWith("Not", StringComparison.OrdinalIgnoreCase) && letters.EndsWith("Brand", StringComparison.OrdinalIgnoreCase);
    }
}
