namespace Divolte.Grains.UserAgents.Vocabulary;

/// <summary>What the fields of <c>userAgent()</c> may hold and how it is told: the tables beside this file, in the words that the collector's users join on.</summary>
internal sealed class VocabularyTables
{
    private VocabularyTables(AgentRow[] agents, Dictionary<string, FamilyRow> families, SystemRow[] systems, DeviceRow[] devices)
    {
        Agents = agents;
        Families = families;
        Systems = systems;
        Devices = devices;
    }

    /// <summary>In order: the first that is in a header wins.</summary>
    public IReadOnlyList<AgentRow> Agents { get; }

    /// <summary>By the family in the rules, whatever its case.</summary>
    public IReadOnlyDictionary<string, FamilyRow> Families { get; }

    /// <summary>In order: the first that is in a header wins.</summary>
    public IReadOnlyList<SystemRow> Systems { get; }

    /// <summary>In order: the first that is in a header wins.</summary>
    public IReadOnlyList<DeviceRow> Devices { get; }

    /// <summary>Reads the tables that come with this assembly.</summary>
    public static VocabularyTables ReadEmbedded()
    {
        var families = new Dictionary<string, FamilyRow>(StringComparer.OrdinalIgnoreCase);
        foreach (var row in Rows("families.tsv", 6))
        {
            var family = Or(row[2], row[0]);
            families.Add(row[0], new FamilyRow(row[1], family, row[3], Or(row[4], family), row[5]));
        }
        return new VocabularyTables(
            [.. Rows("agents.tsv", 5).Select(row => new AgentRow(row[0], row[1], row[2], Or(row[4], row[1]), Literals(Or(row[3], row[1]))))],
            families,
            [.. Rows("systems.tsv", 3).Select(System)],
            [.. Rows("devices.tsv", 2).Select(row => new DeviceRow(row[0], Literals(row[1])))]);
    }

    private static SystemRow System(string[] row) =>
        row[2].StartsWith('=') ? new SystemRow(row[0], row[1], [], row[2][1..].Split('|')) : new SystemRow(row[0], row[1], Literals(row[2]), []);

    private static IEnumerable<string[]> Rows(string file, int columns)
    {
        using var stream = typeof(VocabularyTables).Assembly.GetManifestResourceStream($"Divolte.Grains.UserAgents.Vocabulary.{file}")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var row = line.Split('\t');
            if (row.Length > columns)
                throw new InvalidDataException($"{file}: more than {columns} columns in \"{line}\".");
            Array.Resize(ref row, columns);
            yield return Array.ConvertAll(row, cell => cell ?? "");
        }
    }

    private static HeaderLiteral[] Literals(string cell) => Array.ConvertAll(cell.Split('|'), text => new HeaderLiteral(text));

    private static string Or(string cell, string otherwise) => cell.Length > 0 ? cell : otherwise;
}
