namespace Divolte.Grains.UserAgents.Vocabulary;

/// <summary>The systems that matter to the code; the table holds more.</summary>
internal static class SystemFamilies
{
    public const string Windows = "Windows";
    public const string OsX = "OS X";
    public const string Ios = "iOS";
    public const string Android = "Android";
    public const string Linux = "Linux";
    public const string Unknown = "";
}
