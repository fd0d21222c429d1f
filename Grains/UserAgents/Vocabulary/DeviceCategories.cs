namespace Divolte.Grains.UserAgents.Vocabulary;

/// <summary>The categories of devices that matter to the code; the table holds more.</summary>
internal static class DeviceCategories
{
    public const string PersonalComputer = "Personal computer";
    public const string Smartphone = "Smartphone";
    public const string Tablet = "Tablet";
    public const string SmartTv = "Smart TV";
    public const string Wearable = "Wearable computer";
    public const string Other = "Other";
    public const string Unknown = "";
}
