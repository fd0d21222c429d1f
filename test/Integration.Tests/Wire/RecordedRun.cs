using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Wire;

namespace Divolte.Integration.Tests.Wire;

/// <summary>
/// A real process on one of the recorded configurations. A sentinel event behind each case tells when its events have all arrived: one that is there on
/// every topic has passed the mapping and the sinks, and nothing of the case can be far behind.
/// </summary>
internal sealed class RecordedRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly SiloProcess _silo;
    private readonly RecordedTopics _topics;
    private readonly string _topic;
    private readonly HttpClient _http = new();
    private readonly Dictionary<string, List<DeliveredRecord>> _delivered = [];
    private int _sentinels;

    private RecordedRun(SiloProcess silo, RecordedTopics topics, string topic)
    {
        _topic = topic;
        _silo = silo;
        _topics = topics;
    }

    /// <summary>The recordings, and the configurations that they were made with.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryPaths.Root, "test", "Frontend.Tests", "Golden");

    private static string Configurations { get; } = Path.Combine(Folder, "configs");

    /// <param name="configuration">Name of the configuration.</param>
    /// <param name="bootstrap">The broker.</param>
    /// <param name="folder">Where the process keeps its data.</param>
    public static async Task<RecordedRun> StartAsync(string configuration, string bootstrap, TemporaryFolder folder)
    {
        var file = Path.Combine(Configurations, configuration + ".conf");
        var topic = $"wire-{configuration}-{Guid.NewGuid():n}";
        var suffixes = Regex.Match(await File.ReadAllTextAsync(file), "^// topics: (?<suffixes>.*)$", RegexOptions.Multiline).Groups["suffixes"].Value;
        var names = suffixes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(suffix => topic + (suffix == "-" ? "" : suffix)).ToList();
        var schema = Avro.Schema.Parse(await File.ReadAllTextAsync(Path.Combine(Configurations, "schema.avsc")));
        var port = FreePort.Next();
        var settings = new SiloProcessSettings
        {
            DataDirectory = folder.Below("data-" + configuration),
            WorkingDirectory = Configurations,
            Arguments = ["--config", file],
            Port = port,
            Environment = new Dictionary<string, string> { ["WIRE_PORT"] = port.ToString(provider: null), ["WIRE_KAFKA"] = bootstrap, ["WIRE_TOPIC"] = topic },
        };
        var topics = await RecordedTopics.CreateAsync(bootstrap, names, schema);
        try
        {
            return new RecordedRun(await SiloProcess.StartAsync(settings, TestContext.Current.CancellationToken), topics, topic);
        }
        catch
        {
            topics.Dispose();
            throw;
        }
    }

    /// <summary>Plays a case and waits for its events.</summary>
    public async Task<IReadOnlyList<WireDifference>> PlayAsync(WireCase wireCase)
    {
        // The clocks of sender and server are the same, but one is cut to milliseconds.
        var began = DateTimeOffset.UtcNow.AddMilliseconds(-1);
        var differences = await new WirePlayer(_silo.Port, Patience, Silence).PlayAsync(wireCase);
        var ended = DateTimeOffset.UtcNow.AddSeconds(1);
        await CollectAsync(wireCase.Name, wireCase.HasMapperFailures ? 0 : wireCase.Events.Values.Sum(events => events.Count));
        return [.. differences, .. new RecordedEvents(wireCase, began, ended).Compare(DeliveredOf(wireCase.Name), _topic)];
    }

    /// <summary>Cases of which more events have come than when they were compared.</summary>
    /// <param name="counts">How many there were then, by the name of the case.</param>
    public async Task<IReadOnlyList<string>> LateAsync(IReadOnlyDictionary<string, int> counts)
    {
        await CollectAsync("late", 0);
        return [.. counts.Where(count => CountOf(count.Key) > count.Value).Select(count => count.Key)];
    }

    /// <summary>How many events of a case have come.</summary>
    public int CountOf(string wireCase) => DeliveredOf(wireCase).Count;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _silo.DisposeAsync();
        _topics.Dispose();
    }

    private List<DeliveredRecord> DeliveredOf(string name) => _delivered.GetValueOrDefault(name) ?? [];

    private async Task CollectAsync(string current, int count)
    {
        var missing = _topics.Names.ToHashSet();
        var first = _sentinels + 1;
        await SendSentinelAsync();
        var clock = Stopwatch.StartNew();
        while (missing.Count > 0 || DeliveredOf(current).Count < count)
        {
            if (clock.Elapsed > Patience)
            {
                if (missing.Count == 0)
                    return; // Fewer events than were recorded is a difference, not a failure of the run.
                throw new TimeoutException($"No sentinel on {string.Join(", ", missing)} within {Patience}. Output:\n{_silo.Output}");
            }
            if (_topics.Next(TimeSpan.FromMilliseconds(50)) is { } record)
                Take(record, current, first, missing);
        }
    }

    private void Take(DeliveredRecord record, string current, int first, HashSet<string> missing)
    {
        if (record.Record["eventId"] is string id && id.StartsWith("sentinel-", StringComparison.Ordinal))
        {
            if (int.Parse(id["sentinel-".Length..], provider: null) >= first)
                missing.Remove(record.Topic);
            return;
        }
        var name = record.Record["caseName"] as string ?? current;
        if (!_delivered.TryGetValue(name, out var records))
            _delivered[name] = records = [];
        records.Add(record);
    }

    private async Task SendSentinelAsync()
    {
        using var body = new StringContent(
            $$"""{"session_id":"0:1:sentinel","event_id":"sentinel-{{++_sentinels}}","is_new_party":false,"is_new_session":false,"client_timestamp_iso":"2020-01-01T00:00:00Z"}""",
            Encoding.UTF8);
        body.Headers.ContentType = new("application/json");
        using var answer = await _http.PostAsync(new Uri($"http://127.0.0.1:{_silo.Port}/sentinel?p=0:1:sentinel"), body, TestContext.Current.CancellationToken);
        Assert.Equal(204, (int)answer.StatusCode);
    }
}
