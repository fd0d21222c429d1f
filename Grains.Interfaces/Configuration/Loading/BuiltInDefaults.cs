namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary>
/// The configuration underneath every file: upstream's <c>reference.conf</c>, written from the options records so that each default has one place.
/// </summary>
internal static class BuiltInDefaults
{
    public static string Text { get; } = Write();

    private static string Write()
    {
        var text = new ConfigurationText(forDefaults: true);
        text.Open("divolte");
        text.Open("global");
        text.Write(new GlobalOptions());
        text.Close();
        text.Close();
        return text.ToString();
    }
}
