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

    /// <summary>Java's default of <c>buffer.memory</c>, 32 MiB: what waits for longer waits in the journal.</summary>
    private const string BufferKilobytesDefault = "32768";

    /// <summary>
    /// What the client takes, where Java takes more: it would refuse to start on a value outside. Java's <c>-1</c> for "never" is out of range too.
    /// </summary>
    private static readonly Dictionary<string, (long Least, long Most)> Ranges = new(StringComparer.Ordinal)
    {
        ["linger.ms"] = (0, 5_000), // the client asks for less than the time-outs below
        ["batch.size"] = (1, int.MaxValue),
        ["retries"] = (0, int.MaxValue),
        ["request.timeout.ms"] = (1, 900_000),
        ["retry.backoff.ms"] = (1, 300_000),
        ["retry.backoff.max.ms"] = (1, 300_000),
        ["reconnect.backoff.ms"] = (0, 3_600_000),
        ["reconnect.backoff.max.ms"] = (0, 3_600_000),
        ["connections.max.idle.ms"] = (0, int.MaxValue),
        ["metadata.max.age.ms"] = (1, 86_400_000),
        ["max.in.flight.requests.per.connection"] = (1, 1_000_000),
        ["delivery.timeout.ms"] = (0, int.MaxValue),
        ["transaction.timeout.ms"] = (10_000, int.MaxValue),
        ["message.max.bytes"] = (1000, 1_000_000_000),
        ["queue.buffering.max.kbytes"] = (1, int.MaxValue),
        ["socket.send.buffer.bytes"] = (0, 100_000_000),
        ["socket.receive.buffer.bytes"] = (0, 100_000_000),
    };

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

    /// <summary>
    /// How long records wait for company where nothing else is said. Fewer and larger batches cost less, at the broker too; nobody waits for a record but its
    /// readers.
    /// </summary>
    private const string LingerMillisecondsDefault = "25";

    private KafkaProducerSettings()
    {
    }

    /// <summary>What the client is given.</summary>
    public IReadOnlyDictionary<string, string> Properties => _properties;

    /// <summary>
    /// What has no effect, or another one than in Java, a line each. What the sink overrules for its promise is not among it: the advice on the
    /// configuration tells it, see <see cref="KafkaProducerRules"/>.
    /// </summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>What a client is given that sends no batches above a limit.</summary>
    /// <param name="batchBytesMax">The limit; null for none beside what is configured.</param>
    public Dictionary<string, string> With(int? batchBytesMax)
    {
        var properties = new Dictionary<string, string>(_properties);
        if (batchBytesMax is { } bytes && !(properties.TryGetValue("batch.size", out var given) && int.TryParse(given, CultureInfo.InvariantCulture, out var own) && own <= bytes))
            properties["batch.size"] = bytes.ToString(CultureInfo.InvariantCulture);
        return properties;
    }

    /// <param name="producer">The flattened <c>divolte.global.kafka.producer</c>.</param>
    /// <param name="delivery">What the sink promises.</param>
    public static KafkaProducerSettings From(IReadOnlyDictionary<string, string> producer, KafkaDelivery delivery)
    {
        var settings = new KafkaProducerSettings();
        settings._properties["message.max.bytes"] = RequestSizeMaxDefault;
        settings._properties["queue.buffering.max.kbytes"] = BufferKilobytesDefault;
        foreach (var (name, value) in producer.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!KafkaProducerRules.IsReplaced(name))
                settings.Take(name, value);
        }
        settings.Promise(delivery);
        settings.Confine();
        // Java's default partitioner: a party stays in its partition when the collector is replaced.
        settings._properties["partitioner"] = "murmur2_random";
        return settings;
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            // Images set these from variables that are often empty; the Java client takes that for "not given".
            case "security.protocol" or "client.dns.lookup" or "sasl.mechanism" or "sasl.username" or "sasl.password" when string.IsNullOrWhiteSpace(value):
                break;
            case "client.dns.lookup" when value == "default":
                break; // what Java called its default before 2.6
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
        // What is overruled by this is told once for all sinks, with the other advice on the configuration.
        foreach (var (name, value) in KafkaProducerRules.Raise(_properties, delivery).ToList())
            _properties[name] = value;
        _properties.Remove("delivery.timeout.ms");
        // Records wait in the journal for as long as the broker is away, so the client never gives one up. A transaction has its own time-out.
        if (delivery == KafkaDelivery.AtLeastOnce)
        {
            _properties["message.timeout.ms"] = "0";
            _properties.TryAdd("linger.ms", LingerMillisecondsDefault);
        }
    }

    /// <summary>Moves numbers into what the client takes.</summary>
    private void Confine()
    {
        foreach (var (name, (least, most)) in Ranges)
        {
            if (!_properties.TryGetValue(name, out var value) || !decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                continue;
            if (number >= least && number <= most)
                continue;
            var limit = number < 0 && least <= 1 && name.EndsWith(".ms", StringComparison.Ordinal) && !name.Contains("backoff", StringComparison.Ordinal) ? most
                : number < least ? least : most;
            _properties[name] = limit.ToString(CultureInfo.InvariantCulture);
            _warnings.Add($"producer property {name} is {limit} instead of {value}: the client takes {least} to {most}");
        }
    }

    private void TakeDeliveryTimeout()
    {
        if (_properties.Remove("delivery.timeout.ms", out var timeout))
            _properties["message.timeout.ms"] = timeout;
        else
            _properties["message.timeout.ms"] = "120000";
    }

    [GeneratedRegex("""(?<name>[A-Za-z]+)\s*=\s*(?:"(?<value>(?:[^"\\]|\\.)*)"|(?<value>[^\s;"]+))""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LoginOption();
}
