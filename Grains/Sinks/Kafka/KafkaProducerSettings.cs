using System.Globalization;
using System.Text.RegularExpressions;
using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// The producer's properties: Java's names and values, as configuration files have them → those of librdkafka, with what the sink's delivery needs.
/// A property that has no meaning here is a warning, never a failure, as with the Java client.
/// </summary>
internal sealed partial class KafkaProducerSettings
{
    /// <summary>Java's default of <c>message.max.bytes</c>, which is <c>max.request.size</c> there.</summary>
    private const string RequestSizeMaxDefault = "1048576";

    /// <summary>Properties that mean the same under the same name.</summary>
    private static readonly HashSet<string> Same = new(StringComparer.Ordinal)
    {
        "bootstrap.servers", "client.id", "compression.type", "linger.ms", "batch.size", "acks", "retries", "request.timeout.ms", "retry.backoff.ms",
        "retry.backoff.max.ms", "reconnect.backoff.ms", "reconnect.backoff.max.ms", "connections.max.idle.ms", "metadata.max.age.ms", "client.dns.lookup",
        "max.in.flight.requests.per.connection", "enable.idempotence", "delivery.timeout.ms", "transaction.timeout.ms", "socket.keepalive.enable",
        "sasl.username", "sasl.password", "sasl.kerberos.service.name", "sasl.kerberos.keytab", "sasl.kerberos.principal", "sasl.kerberos.kinit.cmd",
        "sasl.oauthbearer.config", "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.token.endpoint.url",
        "sasl.oauthbearer.scope", "sasl.oauthbearer.method", "ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location", "ssl.certificate.pem",
        "ssl.key.location", "ssl.key.pem", "ssl.key.password", "ssl.cipher.suites", "ssl.keystore.password", "enable.ssl.certificate.verification",
        "queue.buffering.max.messages", "queue.buffering.max.kbytes", "message.max.bytes", "compression.level", "debug", "broker.address.family", "log.connection.close",
        "socket.timeout.ms", "socket.nagle.disable", "api.version.request",
    };

    /// <summary>Properties of the Java client that have no counterpart, and why that is no loss.</summary>
    private static readonly Dictionary<string, string> WithoutMeaning = new(StringComparer.Ordinal)
    {
        ["max.block.ms"] = "waiting records stay in the journal, so nothing blocks",
        ["key.serializer"] = "the key is always the party id",
        ["value.serializer"] = "the value is always Avro",
        ["partitioner.class"] = "records go by Java's default partitioner",
        ["group.id"] = "it belongs to consumers",
        ["interceptor.classes"] = "there are no Java classes here",
        ["metric.reporters"] = "there are no Java classes here",
        ["metrics.recording.level"] = "metrics are on the admin port",
        ["ssl.truststore.location"] = "Java key stores cannot be read: give the certificates in PEM as ssl.ca.location",
        ["ssl.truststore.password"] = "Java key stores cannot be read: give the certificates in PEM as ssl.ca.location",
        ["ssl.truststore.type"] = "Java key stores cannot be read: give the certificates in PEM as ssl.ca.location",
        ["ssl.keystore.type"] = "only PKCS#12 and PEM can be read",
    };

    private readonly Dictionary<string, string> _properties = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];

    private KafkaProducerSettings()
    {
    }

    /// <summary>What the client is given.</summary>
    public IReadOnlyDictionary<string, string> Properties => _properties;

    /// <summary>What the operator should know, a line each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <param name="producer">The flattened <c>divolte.global.kafka.producer</c>.</param>
    /// <param name="delivery">What the sink promises.</param>
    public static KafkaProducerSettings From(IReadOnlyDictionary<string, string> producer, KafkaDelivery delivery)
    {
        var settings = new KafkaProducerSettings();
        settings._properties["message.max.bytes"] = RequestSizeMaxDefault;
        foreach (var (name, value) in producer.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            settings.Take(name, value);
        settings.Promise(delivery);
        // Java's default partitioner: a party stays in its partition when the collector is replaced.
        settings._properties["partitioner"] = "murmur2_random";
        return settings;
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "sasl.mechanism":
                _properties["sasl.mechanism"] = value;
                break;
            case "security.protocol":
                _properties[name] = value.ToLowerInvariant();
                break;
            case "sasl.jaas.config":
                TakeLogin(value);
                break;
            case "max.request.size":
                _properties["message.max.bytes"] = value;
                break;
            case "buffer.memory":
                _properties["queue.buffering.max.kbytes"] =
                    long.TryParse(value, CultureInfo.InvariantCulture, out var bytes) ? Math.Clamp(bytes / 1024, 1, 2_097_151).ToString(CultureInfo.InvariantCulture) : value;
                break;
            case "send.buffer.bytes":
                _properties["socket.send.buffer.bytes"] = value == "-1" ? "0" : value;
                break;
            case "receive.buffer.bytes":
                _properties["socket.receive.buffer.bytes"] = value == "-1" ? "0" : value;
                break;
            case "ssl.endpoint.identification.algorithm":
                _properties[name] = value.Length == 0 ? "none" : value;
                break;
            case "ssl.keystore.location" when !value.EndsWith(".jks", StringComparison.OrdinalIgnoreCase):
                _properties[name] = value;
                break;
            case "ssl.keystore.location":
                _warnings.Add($"producer property {name} is ignored: Java key stores cannot be read: convert {value} to PKCS#12");
                break;
            case "batch.size" when value == "0":
                _properties["batch.num.messages"] = "1"; // Java's way to say: no batching
                break;
            default:
                if (Same.Contains(name))
                    _properties[name] = value;
                else if (WithoutMeaning.TryGetValue(name, out var reason))
                    _warnings.Add($"producer property {name} is ignored: {reason}");
                else
                    _warnings.Add($"producer property {name} is ignored: it is not known");
                break;
        }
    }

    /// <summary>Java's log-in text: <c>CLASS required name="value" …;</c>.</summary>
    private void TakeLogin(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return;
        foreach (Match option in LoginOption().Matches(text))
        {
            var value = option.Groups["value"].Value.Replace("\\\"", "\"", StringComparison.Ordinal);
            var property = option.Groups["name"].Value switch
            {
                "username" => "sasl.username",
                "password" => "sasl.password",
                "keyTab" => "sasl.kerberos.keytab",
                "principal" => "sasl.kerberos.principal",
                "serviceName" => "sasl.kerberos.service.name",
                _ => null,
            };
            if (property is not null)
                _properties[property] = value;
        }
        if (!_properties.ContainsKey("sasl.username") && !_properties.ContainsKey("sasl.kerberos.principal"))
            _warnings.Add("producer property sasl.jaas.config names neither a user nor a principal that can be read");
    }

    private void Promise(KafkaDelivery delivery)
    {
        if (delivery == KafkaDelivery.AsConfigured)
        {
            TakeDeliveryTimeout();
            return;
        }
        var raised = new List<string>();
        Raise("acks", value => value is "all" or "-1", "all", raised);
        Raise("retries", value => long.TryParse(value, CultureInfo.InvariantCulture, out var retries) && retries >= int.MaxValue, "2147483647", raised);
        Raise("enable.idempotence", value => value.Equals("true", StringComparison.OrdinalIgnoreCase), "true", raised);
        if (raised.Count > 0)
            _warnings.Add($"producer properties are raised so that nothing is lost: {string.Join(", ", raised)}; delivery = as_configured keeps your own");
        if (!_properties.TryGetValue("max.in.flight.requests.per.connection", out var inFlight) || !int.TryParse(inFlight, CultureInfo.InvariantCulture, out var requests) || requests > 5)
            _properties["max.in.flight.requests.per.connection"] = "5"; // the most that an idempotent producer keeps in order
        _properties.Remove("delivery.timeout.ms");
        // Records wait in the journal for as long as the broker is away, so the client never gives one up. A transaction has its own time-out.
        if (delivery == KafkaDelivery.AtLeastOnce)
            _properties["message.timeout.ms"] = "0";
    }

    private void TakeDeliveryTimeout()
    {
        if (_properties.Remove("delivery.timeout.ms", out var timeout))
            _properties["message.timeout.ms"] = timeout;
        else
            _properties["message.timeout.ms"] = "120000";
    }

    private void Raise(string name, Predicate<string> isEnough, string value, List<string> raised)
    {
        if (_properties.TryGetValue(name, out var given) && !isEnough(given))
            raised.Add($"{name} from {given} to {value}");
        _properties[name] = value;
    }

    [GeneratedRegex("""(?<name>[A-Za-z]+)\s*=\s*(?:"(?<value>(?:[^"\\]|\\.)*)"|(?<value>[^\s;"]+))""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LoginOption();
}
