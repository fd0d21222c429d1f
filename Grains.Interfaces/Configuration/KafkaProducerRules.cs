using System.Globalization;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>
/// Which properties of <c>divolte.global.kafka.producer</c> a sink decides itself, so that what it promises holds whatever a file says. One list for
/// whoever applies them and whoever tells the user.
/// </summary>
public static class KafkaProducerRules
{
    /// <summary>Values that an idempotent producer needs, and which others are as good.</summary>
    private static readonly (string Name, string Value, Predicate<string> IsEnough)[] Needed =
    [
        ("acks", "all", value => value is "all" or "-1"),
        ("retries", Text(int.MaxValue), value => long.TryParse(value, CultureInfo.InvariantCulture, out var retries) && retries >= int.MaxValue),
        ("enable.idempotence", "true", value => value.Equals("true", StringComparison.OrdinalIgnoreCase)),

        // The most that an idempotent producer keeps in order.
        ("max.in.flight.requests.per.connection", "5", value => int.TryParse(value, CultureInfo.InvariantCulture, out var requests) && requests <= 5),
    ];

    /// <summary>What a file may say and every sink replaces. The Java collector gave serializers of its own to its client, too.</summary>
    private static readonly Dictionary<string, string> Replaced = new(StringComparer.Ordinal)
    {
        ["key.serializer"] = "the party id as UTF-8",
        ["value.serializer"] = "the record as Avro",
        ["partitioner.class"] = "the partitioner that is Java's default",
        ["partitioner"] = "the partitioner that is Java's default",
        ["transactional.id"] = "an id per sink and queue, with delivery = exactly_once only",
    };

    /// <summary>Names under which a file may ask for the partitioner that is used anyway.</summary>
    private static readonly string[] DefaultPartitioners = ["org.apache.kafka.clients.producer.internals.DefaultPartitioner", "murmur2_random", ""];

    /// <summary>Whether a property is replaced whatever the sink's delivery is, so that its value reaches no client.</summary>
    public static bool IsReplaced(string name) => Replaced.ContainsKey(name);

    /// <summary>The properties with their values that a delivery needs, where the user's values are not enough; none for <c>as_configured</c>.</summary>
    /// <param name="producer">The properties of the user and the built-in ones.</param>
    /// <param name="delivery">What the sink promises.</param>
    public static IEnumerable<KeyValuePair<string, string>> Raise(IReadOnlyDictionary<string, string> producer, KafkaDelivery delivery) =>
        delivery == KafkaDelivery.AsConfigured
            ? []
            : Needed.Where(rule => !producer.TryGetValue(rule.Name, out var value) || !rule.IsEnough(value))
                .Select(rule => KeyValuePair.Create(rule.Name, rule.Value));

    /// <summary>Which properties a sink overrules.</summary>
    /// <param name="producer">The properties.</param>
    /// <param name="delivery">What the sink promises.</param>
    public static IEnumerable<OverruledProperty> Overruled(IReadOnlyDictionary<string, string> producer, KafkaDelivery delivery)
    {
        foreach (var (name, value) in Raise(producer, delivery).Where(pair => producer.ContainsKey(pair.Key)))
            yield return new OverruledProperty(name, producer[name], value, IsChoice: true);
        if (delivery != KafkaDelivery.AsConfigured && producer.TryGetValue("delivery.timeout.ms", out var timeout))
            yield return new OverruledProperty("delivery.timeout.ms", timeout, "no limit: records wait for as long as the broker is away", IsChoice: true);
        foreach (var (name, used) in Replaced)
        {
            if (producer.TryGetValue(name, out var found) && !DefaultPartitioners.Contains(found))
                yield return new OverruledProperty(name, found, used, IsChoice: false);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
