using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// How large a batch a topic takes. The client fails every record of a batch that the broker finds too large, so the sink then sends smaller ones: as large
/// as the topic says, or each record alone where it does not say.
/// </summary>
internal static class TopicLimits
{
    /// <summary>The limit under which every record travels alone.</summary>
    public const int EachAlone = 1;

    /// <summary>What a batch needs beside its records, amply.</summary>
    private const int Overhead = 512;

    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(10);

    /// <summary>The limit to go on with after a batch was too large.</summary>
    /// <param name="connect">Makes a client to ask by.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="present">The limit that was in force; null for none.</param>
    public static async Task<int> NextAsync(Func<IAdminClient> connect, string topic, int? present)
    {
        try
        {
            using var admin = connect();
            var described = await admin.DescribeConfigsAsync(
                [new ConfigResource { Type = ResourceType.Topic, Name = topic }],
                new DescribeConfigsOptions { RequestTimeout = CallMax });
            return Next(described[0].Entries.GetValueOrDefault("max.message.bytes")?.Value, present);
        }
        catch (KafkaException)
        {
            return EachAlone; // no right to ask, or nobody there to answer
        }
    }

    /// <inheritdoc cref="NextAsync"/>
    /// <param name="bytesMax">The topic's <c>max.message.bytes</c>.</param>
    /// <param name="present">The limit that was in force; null for none.</param>
    internal static int Next(string? bytesMax, int? present)
    {
        if (!int.TryParse(bytesMax, CultureInfo.InvariantCulture, out var bytes))
            return EachAlone;
        var next = Math.Max(EachAlone, bytes - Overhead);
        // What the topic says has not helped: something else on the way is narrower.
        return present is null || next < present ? next : EachAlone;
    }
}
