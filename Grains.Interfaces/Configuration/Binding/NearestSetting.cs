namespace Divolte.Grains.Interfaces.Configuration.Binding;

/// <summary>What somebody may have meant who wrote a key that does not exist.</summary>
internal static class NearestSetting
{
    /// <summary>Objects of the layout that upstream had before its version 0.4, and what took their place.</summary>
    private static readonly Dictionary<string, string> Moved = new()
    {
        ["server"] = "divolte.global.server",
        ["tracking"] = "divolte.sources.NAME with type = browser, and divolte.mappings.NAME for schema and script",
        ["javascript"] = "divolte.sources.NAME.javascript",
        ["incoming_request_processor"] = "divolte.global.mapper",
        ["browser_source"] = "divolte.sources.NAME with type = browser",
        ["kafka_flusher"] = "divolte.global.kafka, and divolte.sinks.NAME with type = kafka",
        ["hdfs_flusher"] = "divolte.global.hdfs, and divolte.sinks.NAME with type = hdfs",
    };

    /// <summary>The end of a message about the unknown key: a hint, or nothing.</summary>
    public static string Hint(string key, ConfigurationPath parent, IReadOnlyList<string> known)
    {
        if (parent == ConfigurationPath.Root && Moved.TryGetValue(key, out var place))
            return $"; in files since version 0.4 its settings are in {place}";
        var nearest = known.Select(name => (Name: name, Distance: Distance(Plain(key), Plain(name)))).OrderBy(pair => pair.Distance).FirstOrDefault();
        return nearest.Name is not null && nearest.Distance <= Math.Max(1, nearest.Name.Length / 3) ? $"; did you mean '{nearest.Name}'?" : "";
    }

    private static string Plain(string key) => key.Length > 100 ? key[..100] : key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Number of letters to insert, remove or replace to get from one word to the other.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
