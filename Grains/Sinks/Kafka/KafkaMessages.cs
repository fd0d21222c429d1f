using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>Record → message: the party id as key, the time of the request as timestamp, Avro with or without a frame as value.</summary>
internal static class KafkaMessages
{
    /// <exception cref="InvalidOperationException">The mode needs a schema identifier and the mapping has none, which the configuration's rules exclude.</exception>
    public static Message<byte[], byte[]> MessageOf(RecordBatch batch, MappedRecord record, KafkaMode mode)
    {
        var value = batch.ValueOf(record);
        return new Message<byte[], byte[]>
        {
            Key = batch.KeyOf(record).ToArray(),
            Value = mode == KafkaMode.Naked
                ? value.ToArray()
                : ConfluentFraming.Frame(SchemaOf(record), value),
            Timestamp = new Timestamp(record.Timestamp, TimestampType.CreateTime),
        };
    }

    /// <summary>The schema's identifier in the registry.</summary>
    /// <exception cref="InvalidOperationException">The mapping has none, which the configuration's rules exclude where it is asked for.</exception>
    public static int SchemaOf(MappedRecord record) =>
        record.Schema.ConfluentId ?? throw new InvalidOperationException($"Mapping {record.Schema.Mapping} has no confluent_id.");
}
