using Divolte.Grains.UserAgents.Rules;
using Divolte.Grains.UserAgents.Vocabulary;

namespace Divolte.Grains.UserAgents;

/// <summary>The operating system and the category of the device.</summary>
internal sealed partial class UserAgentParser
{
    private static readonly HashSet<string> MobileSystems = new(StringComparer.Ordinal)
    {
        SystemFamilies.Android, SystemFamilies.Ios, "Bada", "BlackBerry OS", "Brew", "DangerOS", "Firefox OS", "JVM", "Maemo", "MeeGo", "Palm OS", "Sailfish",
        "Symbian OS", "Tizen", "webOS",
    };

    private static bool IsMobile(string system) => MobileSystems.Contains(system);

    private FoundSystem FindSystem(ref RuleSearch search, in Scan scan)
    {
        string? family = null;
        for (var from = _systemsStart; ; from++)
        {
            from = FirstRow(scan, from, _devicesStart, out _);
            if (from < 0)
                return new FoundSystem(SystemFamilies.Unknown, "");
            var row = _tables.Systems[from - _systemsStart];
            if (row.RuleFamilies.Length == 0 || row.RuleFamilies.Contains(family ??= search.FindSystem().Family, StringComparer.Ordinal))
                return new FoundSystem(row.Family, row.Vendor);
        }
    }

    private string FindCategory(in Scan scan, FoundAgent agent, FoundSystem system)
    {
        if (agent.Type == AgentTypes.Robot)
            return DeviceCategories.Other;
        if (FirstRow(scan, _devicesStart, _agentsStart + _literals.Length, out _) is >= 0 and var number)
            return _tables.Devices[number - _devicesStart].Category;
        switch (agent.Type)
        {
            case AgentTypes.Unknown:
                return DeviceCategories.Unknown;
            case AgentTypes.Other or AgentTypes.Library or AgentTypes.Validator or AgentTypes.Anonymizer:
                return DeviceCategories.Other;
        }
        var isBrowser = agent.Type is AgentTypes.Browser or AgentTypes.MobileBrowser;
        if (isBrowser && system.Family == SystemFamilies.Android && !CallsItselfMobile(scan.Text) && IsAndroidForTablets(scan.Text))
            return DeviceCategories.Tablet;
        return agent.Type is AgentTypes.MobileBrowser or AgentTypes.WapBrowser || IsMobile(system.Family) ? DeviceCategories.Smartphone : DeviceCategories.PersonalComputer;
    }

    /// <summary>From its third version on, Android says of a phone that it is mobile, and of a tablet nothing.</summary>
    private static bool IsAndroidForTablets(string text)
    {
        var version = SystemVersion.Find(SystemFamilies.Android, text);
        var dot = version.IndexOf('.');
        return int.TryParse(dot < 0 ? version : version[..dot], out var major) && major >= 3;
    }
}
