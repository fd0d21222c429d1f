using System.Text.Json;

namespace Divolte.Grains.Schemas;

/// <summary>The types of Avro.</summary>
internal enum AvroKind : byte
{
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Record,
    Enum,
    Array,
    Map,
    Union,
    Fixed,
}

/// <summary>
/// One Avro type. Logical types and other properties are not kept: only the physical type decides how a value is written.
/// Records may contain themselves, so walks over a schema have to remember where they were.
/// </summary>
internal sealed class AvroSchema(AvroKind kind, string fullName = "")
{
    private static readonly string[] KindNames =
        ["null", "boolean", "int", "long", "float", "double", "bytes", "string", "record", "enum", "array", "map", "union", "fixed"];

    public AvroKind Kind { get; } = kind;

    /// <summary>Name with namespace; empty for unnamed types.</summary>
    public string FullName { get; } = fullName;

    /// <summary>Fields of a record, in order.</summary>
    public IReadOnlyList<AvroField> Fields { get; internal set; } = [];

    /// <summary>Items of an array, values of a map.</summary>
    public AvroSchema? Items { get; init; }

    /// <summary>Branches of a union, in order.</summary>
    public IReadOnlyList<AvroSchema> Branches { get; init; } = [];

    /// <summary>Symbols of an enum, in order.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    /// <summary>Length of a fixed in bytes.</summary>
    public int Size { get; init; }

    /// <summary>The position of a name among the fields, or -1.</summary>
    public int IndexOfField(string name)
    {
        for (var index = 0; index < Fields.Count; index++)
        {
            if (Fields[index].Name == name)
                return index;
        }
        return -1;
    }

    public static string NameOf(AvroKind kind) => KindNames[(int)kind];

    /// <summary>The type as messages name it: JSON, with named types by their name only.</summary>
    public override string ToString() => Kind switch
    {
        AvroKind.Union => $"[{string.Join(',', Branches)}]",
        AvroKind.Array => $$"""{"type":"array","items":{{Items}}}""",
        AvroKind.Map => $$"""{"type":"map","values":{{Items}}}""",
        AvroKind.Record or AvroKind.Enum or AvroKind.Fixed => $"\"{FullName}\"",
        _ => $"\"{NameOf(Kind)}\"",
    };
}

/// <summary>One field of a record.</summary>
/// <param name="Name">Its name; aliases are not consulted.</param>
/// <param name="Schema">Its type.</param>
/// <param name="Default">The default as written in the schema; null when there is none.</param>
internal sealed record AvroField(string Name, AvroSchema Schema, JsonElement? Default);
