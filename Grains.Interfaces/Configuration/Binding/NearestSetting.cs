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
        return nearest.Name is not null && nearest.Distance <= Math.Max(1, nearest.Name.Length / 3) ? $" (did you mean '{nearest.Name}'?)" : "";
    }

    /// <summary>Spelling without what people forget: dashes, underscores and capitals. Cut off, because comparing grows with the square of the length.</summary>
    private static string Plain(string key) => string.Concat(key.Take(100).Where(character => character is not ('_' or '-'))).ToLowerInvariant();

    /// <summary>Number of letters to insert, remove, replace or swap with their neighbour to get from one word to the other.</summary>
    private static int Distance(string from, string to)
    {
        var steps = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    steps[i, j] = i + j;
                    continue;
                }

                var replaced = steps[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                steps[i, j] = Math.Min(replaced, Math.Min(steps[i - 1, j], steps[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    steps[i, j] = Math.Min(steps[i, j], steps[i - 2, j - 2] + 1);
            }
        }

        return steps[from.Length, to.Length];
    }
}
