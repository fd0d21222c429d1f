namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary>The configuration that applies, as HOCON text: every setting with its value, defaults and implicit objects included, secrets masked.</summary>
public static class EffectiveConfiguration
{
    public static string Render(DivolteConfiguration configuration)
    {
        var text = new ConfigurationText(forDefaults: false);
        text.Open("divolte");
        text.Open("global");
        text.Write(configuration.Global);
        text.Close();
        Section("sources", configuration.Sources, source => source.Name);
        Section("mappings", configuration.Mappings, mapping => mapping.Name);
        Section("sinks", configuration.Sinks, sink => sink.Name);
        text.Close();
        return text.ToString();

        void Section<T>(string key, IReadOnlyList<T> entries, Func<T, string> nameOf)
            where T : class
        {
            text.Open(key);
            foreach (var entry in entries)
            {
                text.Open(nameOf(entry));
                text.Write(entry);
                text.Close();
            }

            text.Close();
        }
    }
}
