namespace Divolte.Grains.UserAgents.Rules;

/// <summary>One rule as the file has it.</summary>
internal sealed class RuleText
{
    /// <summary>How many replacements a rule may have: the name and up to four parts of a version, or name, brand and model.</summary>
    public const int ReplacementCount = 5;

    public string Pattern { get; private set; } = "";

    public bool IgnoresCase { get; private set; }

    /// <summary>Texts that stand for a group: the name first, then the parts of the version, or brand and model. Null where the group itself counts.</summary>
    public string?[] Replacements { get; } = new string?[ReplacementCount];

    public bool TrySet(ReadOnlySpan<char> key, string value)
    {
        switch (key)
        {
            case "regex":
                Pattern = value;
                return true;
            case "regex_flag":
                IgnoresCase = value == "i";
                return value == "i";
            case "family_replacement" or "os_replacement" or "device_replacement":
                Replacements[0] = value;
                return true;
            case "v1_replacement" or "os_v1_replacement" or "brand_replacement":
                Replacements[1] = value;
                return true;
            case "v2_replacement" or "os_v2_replacement" or "model_replacement":
                Replacements[2] = value;
                return true;
            case "v3_replacement" or "os_v3_replacement":
                Replacements[3] = value;
                return true;
            case "os_v4_replacement":
                Replacements[4] = value;
                return true;
            default:
                return false;
        }
    }
}
