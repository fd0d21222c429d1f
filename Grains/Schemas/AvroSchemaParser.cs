using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Divolte.Grains.Schemas;

/// <summary>
/// Reads an Avro schema. Comments are allowed and text behind the schema is ignored, as existing files rely on both; defaults must fit their type.
/// </summary>
internal sealed class AvroSchemaParser
{
    /// <summary>Deepest nesting that is read; real schemas stay below twenty.</summary>
    private const int DepthMax = 200;

    private readonly Dictionary<string, AvroSchema> _named = new(StringComparer.Ordinal);
    private readonly bool _toleratesDefaults;

    private AvroSchemaParser(bool toleratesDefaults) => _toleratesDefaults = toleratesDefaults;

    /// <summary>Parses the text of a schema whose top level must be a record.</summary>
    /// <param name="text">UTF-8, with or without byte order mark.</param>
    /// <param name="toleratesDefaults">Whether a default that does not fit its type is taken as "no default" instead of refused.</param>
    /// <param name="json">The schema again, as JSON without comments and white space.</param>
    /// <exception cref="SchemaException">The text is no schema of a record.</exception>
    public static AvroSchema Parse(ReadOnlySpan<byte> text, bool toleratesDefaults, out string json)
    {
        var root = ReadJson(text);
        var schema = new AvroSchemaParser(toleratesDefaults).Read(root, "", "the schema", 0);
        if (schema.Kind != AvroKind.Record)
            throw new SchemaException($"The top level of a mapping's schema must be a record, found {schema}.");
        json = Compact(root);
        return schema;
    }

    private static JsonElement ReadJson(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith(Encoding.UTF8.Preamble))
            text = text[Encoding.UTF8.Preamble.Length..];
        try
        {
            var options = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, MaxDepth = DepthMax, AllowMultipleValues = true };
            var reader = new Utf8JsonReader(text, options);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new SchemaException(
                $"The schema is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}): {FirstSentence(exception.Message)}",
                exception);
        }
    }

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..(end + 1)];
    }

    private static string Compact(JsonElement root)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            root.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private AvroSchema Read(JsonElement json, string @namespace, string place, int depth)
    {
        if (depth > DepthMax)
            throw new SchemaException($"{place} is nested too deeply.");
        return json.ValueKind switch
        {
            JsonValueKind.String => Reference(json.GetString()!, @namespace, place),
            JsonValueKind.Array => ReadUnion(json, @namespace, place, depth),
            JsonValueKind.Object => ReadObject(json, @namespace, place, depth),
            _ => throw new SchemaException($"{place}: a type is a name, an object or a list of branches, found {json.GetRawText()}."),
        };
    }

    private static AvroKind? Primitive(string name) => name switch
    {
        "null" => AvroKind.Null,
        "boolean" => AvroKind.Boolean,
        "int" => AvroKind.Int,
        "long" => AvroKind.Long,
        "float" => AvroKind.Float,
        "double" => AvroKind.Double,
        "bytes" => AvroKind.Bytes,
        "string" => AvroKind.String,
        _ => null,
    };

    private AvroSchema Reference(string name, string @namespace, string place)
    {
        if (Primitive(name) is { } kind)
            return new AvroSchema(kind);
        if (!name.Contains('.') && @namespace.Length > 0 && _named.TryGetValue($"{@namespace}.{name}", out var sibling))
            return sibling;
        return _named.TryGetValue(name, out var named)
            ? named
            : throw new SchemaException($"{place}: the type \"{name}\" is not defined here or above. Types must be defined before they are used.");
    }

    private AvroSchema ReadUnion(JsonElement json, string @namespace, string place, int depth)
    {
        var branches = new List<AvroSchema>();
        foreach (var element in json.EnumerateArray())
        {
            var branch = Read(element, @namespace, place, depth + 1);
            if (branch.Kind == AvroKind.Union)
                throw new SchemaException($"{place}: a union cannot be a branch of another union.");
            if (branches.Exists(other => other.Kind == branch.Kind && other.FullName == branch.FullName))
                throw new SchemaException($"{place}: the union lists {branch} twice.");
            branches.Add(branch);
        }
        return new AvroSchema(AvroKind.Union) { Branches = branches };
    }

    private AvroSchema ReadObject(JsonElement json, string @namespace, string place, int depth)
    {
        if (!json.TryGetProperty("type", out var type))
            throw new SchemaException($"{place}: \"type\" is missing.");
        if (type.ValueKind != JsonValueKind.String)
            return Read(type, @namespace, place, depth + 1);
        switch (type.GetString()!)
        {
            case "record" or "error":
                return ReadRecord(json, @namespace, place, depth);
            case "enum":
                return ReadEnum(json, @namespace, place);
            case "fixed":
                return ReadFixed(json, @namespace, place);
            case "array":
                return new AvroSchema(AvroKind.Array) { Items = Read(Required(json, "items", place), @namespace, place, depth + 1) };
            case "map":
                return new AvroSchema(AvroKind.Map) { Items = Read(Required(json, "values", place), @namespace, place, depth + 1) };
            case var name:
                return Reference(name, @namespace, place);
        }
    }

    private static JsonElement Required(JsonElement json, string property, string place) =>
        json.TryGetProperty(property, out var value) ? value : throw new SchemaException($"{place}: \"{property}\" is missing.");

    private AvroSchema ReadRecord(JsonElement json, string @namespace, string place, int depth)
    {
        var record = new AvroSchema(AvroKind.Record, FullName(json, @namespace, place));
        Define(record, place);
        var fields = new List<AvroField>();
        var list = Required(json, "fields", $"record {record.FullName}");
        if (list.ValueKind != JsonValueKind.Array)
            throw new SchemaException($"record {record.FullName}: \"fields\" must be a list.");
        foreach (var element in list.EnumerateArray())
        {
            var field = ReadField(element, record.FullName, depth);
            if (fields.Exists(other => other.Name == field.Name))
                throw new SchemaException($"record {record.FullName}: field \"{field.Name}\" is defined twice.");
            fields.Add(field);
        }
        record.Fields = fields;
        // Only now may a default be checked: it can be of a type that contains this record.
        if (!_toleratesDefaults)
            fields.ForEach(field => CheckDefault(field, record.FullName));
        return record;
    }

    private AvroField ReadField(JsonElement json, string record, int depth)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
            throw new SchemaException($"record {record}: every field needs a \"name\".");
        var place = $"field \"{name.GetString()}\" of {record}";
        CheckName(name.GetString()!, place);
        var schema = Read(Required(json, "type", place), NamespaceOf(record), place, depth + 1);
        JsonElement? value = json.TryGetProperty("default", out var written) ? written : null;
        return new AvroField(name.GetString()!, schema, value);
    }

    private static void CheckDefault(AvroField field, string record)
    {
        if (field.Default is not { } value || AvroDefault.Fits(value, field.Schema))
            return;
        var fix = field.Schema.Kind == AvroKind.Union && field.Schema.Branches.Any(branch => AvroDefault.Fits(value, branch))
            ? "a default must be of the first branch of its union, so reorder the branches or change the default"
            : "change the default or the type";
        throw new SchemaException(
            $"field \"{field.Name}\" of {record}: the default {value.GetRawText()} does not fit the type {field.Schema}; {fix}, or remove the default. " +
            "With divolte.global.mapper.tolerate_schema_defaults = true such defaults are allowed.");
    }

    private AvroSchema ReadEnum(JsonElement json, string @namespace, string place)
    {
        var fullName = FullName(json, @namespace, place);
        var list = Required(json, "symbols", $"enum {fullName}");
        if (list.ValueKind != JsonValueKind.Array)
            throw new SchemaException($"enum {fullName}: \"symbols\" must be a list.");
        var symbols = new List<string>();
        foreach (var element in list.EnumerateArray())
        {
            var symbol = element.ValueKind == JsonValueKind.String ? element.GetString()! : throw new SchemaException($"enum {fullName}: symbols are texts.");
            CheckName(symbol, $"enum {fullName}");
            if (symbols.Contains(symbol))
                throw new SchemaException($"enum {fullName}: symbol \"{symbol}\" is listed twice.");
            symbols.Add(symbol);
        }
        var schema = new AvroSchema(AvroKind.Enum, fullName) { Symbols = symbols };
        Define(schema, place);
        return schema;
    }

    private AvroSchema ReadFixed(JsonElement json, string @namespace, string place)
    {
        var fullName = FullName(json, @namespace, place);
        if (Required(json, "size", $"fixed {fullName}") is not { ValueKind: JsonValueKind.Number } size || !size.TryGetInt32(out var length) || length < 0)
            throw new SchemaException($"fixed {fullName}: \"size\" must be a whole number of bytes.");
        var schema = new AvroSchema(AvroKind.Fixed, fullName) { Size = length };
        Define(schema, place);
        return schema;
    }

    private void Define(AvroSchema schema, string place)
    {
        if (!_named.TryAdd(schema.FullName, schema))
            throw new SchemaException($"{place}: the type {schema.FullName} is defined twice.");
    }

    private static string FullName(JsonElement json, string @namespace, string place)
    {
        if (Required(json, "name", place) is not { ValueKind: JsonValueKind.String } element)
            throw new SchemaException($"{place}: \"name\" must be a text.");
        var name = element.GetString()!;
        CheckName(name[(name.LastIndexOf('.') + 1)..], place);
        if (name.Contains('.'))
            return name;
        if (json.TryGetProperty("namespace", out var written) && written.ValueKind == JsonValueKind.String)
            @namespace = written.GetString()!;
        return @namespace.Length == 0 ? name : $"{@namespace}.{name}";
    }

    private static string NamespaceOf(string fullName) => fullName.Contains('.') ? fullName[..fullName.LastIndexOf('.')] : "";

    private static void CheckName(string name, string place)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(letter => char.IsLetterOrDigit(letter) || letter == '_'))
            throw new SchemaException($"{place}: \"{name}\" is no valid name; names have letters, digits and underscores and do not start with a digit.");
    }
}
