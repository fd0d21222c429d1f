using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>Makes the action that maps a producer or literal onto a field, after <see cref="SchemaCheck"/> has let it pass.</summary>
internal static class FieldMapping
{
    /// <exception cref="MappingException">The field does not exist or does not take such values.</exception>
    public static MappingAction Create(ValueProducer producer, AvroSchema record, string field)
    {
        var target = SchemaCheck.Check(producer, record, field);
        var index = record.IndexOfField(field);
        return producer switch
        {
            ValueProducer<TextSlice> text => new MapTextAction(text, index),
            ValueProducer<bool> boolean => new MapBooleanAction(boolean, index),
            ValueProducer<int> { Type: ProducerType.Json } json =>
                new MapJsonAction(json, index, record.Fields[index].Schema, new JsonConversion(record.Fields[index].Schema, ConversionRules.Production)),
            ValueProducer<int> number => new MapInt32Action(number, index),
            ValueProducer<long> number => new MapInt64Action(number, index),
            ValueProducer<float> number => new MapFloat32Action(number, index),
            ValueProducer<double> number => new MapFloat64Action(number, index),
            ValueProducer<List<TextSlice?>> texts => new MapTextListAction(texts, index, target.Items!),
            ValueProducer<List<int?>> numbers => new MapNumberListAction(numbers, index, target.Items!),
            ValueProducer<List<QueryParameter>> query => new MapQueryAction(query, index),
            _ => throw new InvalidOperationException($"{producer.Identifier} passed the check, but there is no action for it."),
        };
    }

    /// <param name="literal">A string, boolean, int, long, float or double.</param>
    /// <param name="printed">The literal as text.</param>
    /// <param name="record">The schema.</param>
    /// <param name="field">Name of the field.</param>
    /// <exception cref="MappingException">The field does not exist or is of another type.</exception>
    public static MappingAction Create(object literal, string printed, AvroSchema record, string field)
    {
        SchemaCheck.Check(literal, printed, record, field);
        return new MapLiteralAction(literal, record.IndexOfField(field));
    }
}
