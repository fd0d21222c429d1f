using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Grains.Schemas;

/// <summary>The schemas of all mappings, each file read once, at start.</summary>
/// <param name="toleratesDefaults">Whether defaults may be unfit; see <c>tolerate_schema_defaults</c>.</param>
internal sealed class SchemaCatalog(bool toleratesDefaults)
{
    private const string BuiltInResource = "Divolte.Grains.Schemas.DefaultEventRecord.avsc";

    private readonly Dictionary<string, Entry> _byPath = new(StringComparer.Ordinal);

    /// <summary>The schema of records that are made without a schema file.</summary>
    public static AvroSchema BuiltIn => BuiltInEntry.Value.Schema;

    private static readonly Lazy<Entry> BuiltInEntry = new(() => Parse(ReadBuiltIn(), toleratesDefaults: false));

    /// <summary>
    /// The schema of a mapping. Without a script the built-in mapping and its own schema are used, whatever the schema file says.
    /// </summary>
    /// <exception cref="SchemaException">The file cannot be read or is no schema of a record.</exception>
    public MappingSchema SchemaOf(MappingOptions mapping, out AvroSchema schema)
    {
        var entry = mapping is { SchemaFile: { } path, MappingScriptFile: not null } ? Load(path) : BuiltInEntry.Value;
        schema = entry.Schema;
        return new MappingSchema(mapping.Name, entry.Json, mapping.ConfluentId);
    }

    private Entry Load(string path)
    {
        if (_byPath.TryGetValue(path, out var known))
            return known;
        try
        {
            var entry = Parse(File.ReadAllBytes(path), toleratesDefaults);
            _byPath.Add(path, entry);
            return entry;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SchemaException($"Failed to load Avro schema file {path}: {exception.Message}", exception);
        }
        catch (SchemaException exception)
        {
            throw new SchemaException($"{path}: {exception.Message}", exception);
        }
    }

    private static Entry Parse(ReadOnlySpan<byte> text, bool toleratesDefaults)
    {
        var schema = AvroSchemaParser.Parse(text, toleratesDefaults, out var json);
        return new Entry(schema, json);
    }

    private static byte[] ReadBuiltIn()
    {
        using var stream = typeof(SchemaCatalog).Assembly.GetManifestResourceStream(BuiltInResource)
            ?? throw new InvalidOperationException($"The resource {BuiltInResource} is missing from this build.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private sealed record Entry(AvroSchema Schema, string Json);
}
