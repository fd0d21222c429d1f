using Divolte.Grains.UserAgents.Hints;
using Divolte.Grains.UserAgents.Vocabulary;

namespace Divolte.Grains.UserAgents;

/// <summary>What client hints add to a header.</summary>
internal sealed partial class UserAgentParser
{
    /// <summary>Brands that the rules call otherwise.</summary>
    private static readonly Dictionary<string, string> FamiliesOfBrands = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Google Chrome"] = "Chrome", ["Android WebView"] = "Chrome Mobile WebView", ["Microsoft Edge"] = "Edge", ["Microsoft Edge WebView2"] = "Edge",
        ["YaBrowser"] = "Yandex Browser", ["Yandex"] = "Yandex Browser", ["CocCoc"] = "Coc Coc", ["OperaMobile"] = "Opera Mobile", ["Opera Mini Android"] = "Opera Mini",
        ["Avast Secure Browser"] = "Avast Secure Browser", ["Naver Whale"] = "Whale", ["DuckDuckGo"] = "DuckDuckGo",
    };

    private static readonly Dictionary<string, FoundSystem> Platforms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Windows"] = new(SystemFamilies.Windows, "Microsoft Corporation."),
        ["macOS"] = new(SystemFamilies.OsX, "Apple Computer, Inc."),
        ["Mac OS X"] = new(SystemFamilies.OsX, "Apple Computer, Inc."),
        ["Android"] = new(SystemFamilies.Android, "Google, Inc."),
        ["Chrome OS"] = new(SystemFamilies.Linux, "Google Inc."),
        ["Chromium OS"] = new(SystemFamilies.Linux, "Google Inc."),
        ["iOS"] = new(SystemFamilies.Ios, "Apple Inc."),
        ["Linux"] = new(SystemFamilies.Linux, ""),
    };

    /// <summary>Refines what a header says by what client hints say. Only browsers are refined: whatever else sends hints runs inside of one.</summary>
    public UserAgentDescription Refine(UserAgentDescription agent, ClientHints hints)
    {
        if (agent.Type is not (AgentTypes.Browser or AgentTypes.MobileBrowser))
            return agent;
        var refined = RefineSystem(agent, hints);
        refined = RefineBrand(refined, hints);
        return refined with { DeviceCategory = CategoryByHints(refined, hints) };
    }

    private UserAgentDescription RefineBrand(UserAgentDescription agent, ClientHints hints)
    {
        if (hints.Brand is not { } brand || agent.Family is not ("Chrome" or "Chrome Mobile" or "Chromium"))
            return agent;
        var isMobile = hints.IsMobile ?? agent.Type == AgentTypes.MobileBrowser;
        var family = FamiliesOfBrands.GetValueOrDefault(brand.Name, brand.Name);
        var row = _tables.Families.GetValueOrDefault(isMobile ? $"{family} Mobile" : family) ?? _tables.Families.GetValueOrDefault(family);
        var type = isMobile ? AgentTypes.MobileBrowser : AgentTypes.Browser;
        var version = FullerVersion(agent, brand);
        if (row is null)
            return agent with { Name = family, Family = family, Vendor = "", Type = type, Version = version };
        return isMobile && row.MobileFamily.Length > 0
            ? agent with { Name = row.MobileFamily, Family = row.MobileFamily, Vendor = row.Vendor, Type = type, Version = version }
            : agent with { Name = row.Name, Family = row.Family, Vendor = row.Vendor, Type = type, Version = version };
    }

    /// <summary>The header has all numbers of Chrome's version, zeros but for the first; a hint has the first one or the true ones.</summary>
    private static string FullerVersion(UserAgentDescription agent, HintedBrand brand) =>
        brand.Version.Length == 0 || !brand.Version.Contains('.') && agent.Version.StartsWith($"{brand.Version}.", StringComparison.Ordinal) ? agent.Version : brand.Version;

    private static UserAgentDescription RefineSystem(UserAgentDescription agent, ClientHints hints)
    {
        if (!Platforms.TryGetValue(hints.Platform, out var platform))
            return agent;
        var isSame = platform.Family == agent.OsFamily;
        var version = VersionOf(platform.Family, hints.PlatformVersion);
        return agent with
        {
            OsFamily = platform.Family,
            OsVendor = isSame && platform.Vendor.Length == 0 ? agent.OsVendor : platform.Vendor,
            OsVersion = version.Length > 0 ? version : isSame ? agent.OsVersion : "",
        };
    }

    /// <summary>Windows counts its editions here: up to 0.3 those before 10, from 13 on Windows 11; Linux sends nothing.</summary>
    private static string VersionOf(string family, string version)
    {
        if (version.Length == 0 || !version.All(character => char.IsAsciiDigit(character) || character == '.'))
            return "";
        if (family is not SystemFamilies.Windows)
        {
            while (version.EndsWith(".0", StringComparison.Ordinal))
                version = version[..^2];
            return family == SystemFamilies.Linux ? "" : version;
        }
        var dot = version.IndexOf('.');
        var major = int.TryParse(dot < 0 ? version : version[..dot], out var number) ? number : 0;
        return (major, version) switch
        {
            ( >= 13, _) => "11.0",
            ( > 0, _) => "10.0",
            (_, "0.1" or "0.1.0") => "6.1",
            (_, "0.2" or "0.2.0") => "6.2",
            (_, "0.3" or "0.3.0") => "6.3",
            _ => "",
        };
    }

    private string CategoryByHints(UserAgentDescription agent, ClientHints hints)
    {
        foreach (var form in hints.Forms)
        {
            switch (form)
            {
                case "Watch" or "XR":
                    return DeviceCategories.Wearable;
                case "Tablet":
                    return DeviceCategories.Tablet;
                case "Mobile":
                    return DeviceCategories.Smartphone;
                case "Desktop":
                    return DeviceCategories.PersonalComputer;
            }
        }
        if (agent.DeviceCategory is not (DeviceCategories.Smartphone or DeviceCategories.Tablet or DeviceCategories.PersonalComputer))
            return agent.DeviceCategory;
        foreach (var row in hints.Model.Length > 0 ? _tables.Devices : [])
        {
            if (Array.Exists(row.Literals, literal => literal.Find(hints.Model) >= 0))
                return row.Category;
        }
        return hints.IsMobile switch
        {
            true => DeviceCategories.Smartphone,
            false when agent.OsFamily == SystemFamilies.Android => DeviceCategories.Tablet,
            _ => agent.DeviceCategory,
        };
    }
}
