using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>Script against schema: which field takes which values. Nothing is widened or converted, except from JSON.</summary>
internal static class SchemaCheck
{
    /// <summary>Checks a producer; the result is the type that its values are written as.</summary>
    /// <exception cref="MappingException">It does not fit.</exception>
    public static AvroSchema Check(ValueProducer producer, AvroSchema record, string field)
    {
        var index = record.IndexOfField(field);
        if (index < 0)
            throw Missing(producer.Identifier, record, field);
        var schema = record.Fields[index].Schema;
        if (Refusal(producer, schema, out var target) is { } detail)
            throw new MappingException($"Cannot map the result of {producer.Identifier} onto field {field}: {detail}");
        return target;
    }

    private static MappingException Missing(string what, AvroSchema record, string field) => new(
        $"Field {field} does not exist in Avro schema; error in mapping {what} onto {field}." +
        Suggestion.For(field, record.Fields.Select(known => known.Name)));

    /// <summary>Why a type does not take what a producer yields; null when it does.</summary>
    private static string? Refusal(ValueProducer producer, AvroSchema schema, out AvroSchema target)
    {
        target = schema;
        switch (producer.Type)
        {
            case ProducerType.Uri:
                return "cannot map an URI directly; map one of its properties.";
            case ProducerType.Matcher:
                return "cannot map a regular expression match directly; map using group() or matches() instead.";
            case ProducerType.UserAgent:
                return "cannot map a parsed user-agent directly; map one of its properties instead.";
            case ProducerType.Place:
                return "cannot map a GeoIP lookup result directly; map one of its properties instead.";
            case ProducerType.Json:
                return JsonConversion.FindUnsupportedUnion(schema) is { } union
                    ? $"Unsupported union encountered; only trivial unions with null are supported: {union}"
                    : null;
        }
        if (TrivialUnion.Unwrap(schema) is not { } unwrapped)
            return NonTrivial(schema);
        target = unwrapped;
        return producer.Type switch
        {
            ProducerType.StringList => ListRefusal(target, AvroKind.String),
            ProducerType.Int32List => ListRefusal(target, AvroKind.Int),
            ProducerType.QueryMap => target is { Kind: AvroKind.Map, Items: { Kind: AvroKind.Array, Items.Kind: AvroKind.String } }
                ? null
                : "query strings can only be mapped to an Avro map where the values are arrays of strings",
            ProducerType.Binary => target.Kind == AvroKind.Bytes ? null : "only 'bytes' are supported",
            _ when target.Kind == KindOf(producer.Type) => null,
            _ => $"type must be compatible with {AvroSchema.NameOf(KindOf(producer.Type))}, not {target}.{ParseHint(producer.Type, target.Kind)}",
        };
    }

    private static string NonTrivial(AvroSchema union) => $"mapping to non-trivial unions ({union}) is not supported";

    private static string? ListRefusal(AvroSchema target, AvroKind items)
    {
        if (target.Kind != AvroKind.Array)
            return $"must map to an Avro array, not {target}";
        if (TrivialUnion.Unwrap(target.Items!) is not { } unwrapped)
            return NonTrivial(target.Items!);
        return unwrapped.Kind == items ? null : $"array type must be compatible with {AvroSchema.NameOf(items)}, not {unwrapped}";
    }

    private static AvroKind KindOf(ProducerType type) => type switch
    {
        ProducerType.Boolean => AvroKind.Boolean,
        ProducerType.Int32 => AvroKind.Int,
        ProducerType.Int64 => AvroKind.Long,
        ProducerType.Float32 => AvroKind.Float,
        ProducerType.Float64 => AvroKind.Double,
        _ => AvroKind.String,
    };

    private static string ParseHint(ProducerType type, AvroKind target)
    {
        var parsed = target switch
        {
            AvroKind.Int => "int32",
            AvroKind.Long => "int64",
            AvroKind.Float => "fp32",
            AvroKind.Double => "fp64",
            AvroKind.Boolean => "bool",
            _ => null,
        };
        return type == ProducerType.String && parsed is not null ? $" Use parse … to {parsed}." : "";
    }

    /// <summary>Checks a literal.</summary>
    /// <exception cref="MappingException">It does not fit.</exception>
    public static void Check(object literal, string printed, AvroSchema record, string field)
    {
        var (kind, name) = literal switch
        {
            string => (AvroKind.String, "String"),
            bool => (AvroKind.Boolean, "Boolean"),
            int => (AvroKind.Int, "Integer"),
            long => (AvroKind.Long, "Long"),
            float => (AvroKind.Float, "Float"),
            _ => (AvroKind.Double, "Double"),
        };
        var index = record.IndexOfField(field);
        if (index < 0)
            throw Missing(printed, record, field);
        var schema = record.Fields[index].Schema;
        if (TrivialUnion.Unwrap(schema)?.Kind != kind)
        {
            throw new MappingException(
                $"Type mismatch. Cannot map literal {printed} of type {name} onto a field of type {schema} (type of value and schema of field do not match)." +
                SuffixHint(literal, TrivialUnion.Unwrap(schema)?.Kind));
        }
    }

    private static string SuffixHint(object literal, AvroKind? target) => (literal, target) switch
    {
        (int number, AvroKind.Long) => $" Write {number}L.",
        (int or long, AvroKind.Double) => $" Write {literal}d.",
        (int or long, AvroKind.Float) => $" Write {literal}f.",
        (long number, AvroKind.Int) when number == (int)number => $" Write {number}.",
        _ => "",
    };
}
