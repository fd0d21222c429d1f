namespace Divolte.Grains.UserAgents;

/// <summary>Reads the version of an operating system from a header: of Windows the number of NT, as the collector did, never the name it is sold under.</summary>
internal static class SystemVersion
{
    /// <summary>Per family what stands in front of the version, the best first. Families that are not here never have one.</summary>
    private static readonly Dictionary<string, string[]> Marks = new(StringComparer.Ordinal)
    {
        ["Windows"] =
        [
            "Windows NT ", "Windows NT/", "Windows Phone OS ", "Windows Phone ", "Windows Mobile ", "Windows CE ", "Windows XP ", "Windows 2000 ", "Windows 7 ", "Win 9x ",
            "WinNT ", "WinNT", "Windows ", "Win", "WebTV/",
        ],
        ["OS X"] = ["Mac OS X ", "Mac OS X/", "Mac OS X Version ", "macOS ", "macOS/", "OS X "],
        ["iOS"] = ["iPhone OS ", "CPU OS ", "iPadOS ", "iOS ", "iOS/", "iPhone; iOS ", "tvOS ", "tvOS/", "watchOS ", "watchOS/", "AppleTV OS "],
        ["Android"] = ["Android ", "Android-", "Android/"],
        ["Bada"] = ["Bada/", "Bada "],
        ["Symbian OS"] = ["SymbianOS/", "Symbian/", "SymbianOS "],
        ["webOS"] = ["hpwOS/", "webOS/", "webOS.TV-", "webOS "],
        ["JVM"] = ["Java/", "Java ", "Java"],
        ["BSD"] = ["freebsd ", "freebsd", "netbsd ", "netbsd", "openbsd ", "openbsd", "dragonfly ", "bsd ", "bsd"],
        ["Tizen"] = ["Tizen ", "Tizen/"],
        ["Chrome OS"] = [],
        ["BlackBerry OS"] = ["RIM Tablet OS "],
        ["Firefox OS"] = ["KAIOS/"],
    };

    /// <summary>The version; empty when the header has none.</summary>
    public static string Find(string family, ReadOnlySpan<char> header)
    {
        if (!Marks.TryGetValue(family, out var marks))
            return "";
        foreach (var mark in marks)
        {
            if (header.IndexOf(mark, StringComparison.OrdinalIgnoreCase) is >= 0 and var index && VersionAt(family, header[(index + mark.Length)..]) is { Length: > 0 } version)
                return version;
        }
        return "";
    }

    /// <summary>Digits in groups, which Apple parts by underscores; of systems that name their releases (<c>7.1-RELEASE</c>, <c>1.6.0_07-rc2</c>) the whole word.</summary>
    private static string VersionAt(string family, ReadOnlySpan<char> text)
    {
        if (family == "Android" && int.TryParse(text[..Math.Min(2, text.Length)], out var level) && level > 20)
            return ""; // the number of the programming interface, which apps send
        if (family is "Android" or "BSD" or "JVM" or "Symbian OS")
            return text.IsEmpty || !char.IsAsciiDigit(text[0]) ? "" : VersionText.At(text, 0);
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || end > 0 && text[end] is '.' or '_'))
            end++;
        return text[..end].TrimEnd("._").ToString().Replace('_', '.');
    }
}
