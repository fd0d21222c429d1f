using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>Checks a producer against a field of the schema and makes the action that maps it.</summary>
internal static class FieldMapping
{
    /// <exception cref="MappingException">The field does not exist or does not take such values.</exception>
    public static MappingAction Create(ValueProducer producer, AvroSchema record, string field)
    {
        var index = record.IndexOfField(field);
        if (index < 0)
            throw new MappingException($"Field {field} does not exist in Avro schema; error in mapping {producer.Identifier} onto {field}");
        var schema = record.Fields[index].Schema;
        var target = TrivialUnion.Unwrap(schema);
        if (target is null)
            throw Refused(producer, field, $"mapping to non-trivial unions ({schema}) is not supported");
        return producer switch
        {
            ValueProducer<TextSlice> text => new MapTextAction(text, index),
            ValueProducer<bool> boolean => new MapBooleanAction(boolean, index),
            ValueProducer<int> number => new MapInt32Action(number, index),
            ValueProducer<long> number => new MapInt64Action(number, index),
            ValueProducer<float> number => new MapFloat32Action(number, index),
            ValueProducer<double> number => new MapFloat64Action(number, index),
            _ => throw Refused(producer, field, "not mappable"),
        };
    }

    private static MappingException Refused(ValueProducer producer, string field, string detail) =>
        new($"Cannot map the result of {producer.Identifier} onto field {field}: {detail}");
}
