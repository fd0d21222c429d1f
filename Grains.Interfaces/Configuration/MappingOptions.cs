using Divolte.Grains.Interfaces.Configuration.Binding;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>Which sources feed which sinks, by which script and schema: <c>divolte.mappings.NAME</c>.</summary>
public sealed record MappingOptions
{
    /// <summary>The key in <c>divolte.mappings</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Names of the sources; may be empty. Required. From upstream.</summary>
    [Setting("sources", IsRequired = true, Example = "[browser]")]
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Names of the sinks; may be empty. Required. From upstream.</summary>
    [Setting("sinks", IsRequired = true, Example = "[kafka]")]
    public required IReadOnlyList<string> Sinks { get; init; }

    /// <summary>Avro schema file; ignored without <see cref="MappingScriptFile"/>. Default: absent, the built-in schema. From upstream.</summary>
    [Setting("schema_file", Example = "/etc/divolte/Event.avsc")]
    public string? SchemaFile { get; init; }

    /// <summary>Mapping script. Default: absent, the built-in mapping. From upstream.</summary>
    [Setting("mapping_script_file", Example = "/etc/divolte/mapping.groovy")]
    public string? MappingScriptFile { get; init; }

    /// <summary>Identifier of the schema in a schema registry; needed by sinks with <c>mode = confluent</c>. Default: absent. From upstream.</summary>
    [Setting("confluent_id", Example = "17")]
    public int? ConfluentId { get; init; }

    /// <summary>Skip events that are flagged corrupt. Default false. From upstream.</summary>
    [Setting("discard_corrupted", Example = "true")]
    public bool DiscardCorrupted { get; init; }

    /// <summary>Skip events that are flagged as repeated. Default false. From upstream.</summary>
    [Setting("discard_duplicates", Example = "true")]
    public bool DiscardDuplicates { get; init; }
}
