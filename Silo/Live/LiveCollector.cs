using Divolte.Frontend.Operations;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Interfaces.UserAgents;
using Divolte.Grains.Journal;
using Divolte.Silo.CommandLine;
using Divolte.Silo.Operations;
using Orleans.Runtime;

namespace Divolte.Silo.Live;

/// <summary>Asks the cluster, the journal and this process how they are.</summary>
internal sealed class LiveCollector(
    Readiness readiness, ShutdownDrain drain, EdgeCollector edge, IJournal journal, IGrainFactory grains, ILocalSiloDetails silo, TimeProvider time)
{
    private const int BrowsersMax = 12;

    private readonly RecordMask _mask = new();

    public async Task<LiveSnapshot> CollectAsync(CancellationToken cancellationToken)
    {
        var status = grains.GetGrain<IGridStatusGrain>(0);
        var asked = status.GetAsync();
        var samples = status.GetSamplesAsync();
        var families = Task.WhenAll(Enumerable.Range(0, UserAgentSlices.Count).Select(slice => grains.GetGrain<IUserAgentGrain>(slice).GetFamiliesAsync()));
        var edges = await edge.CollectAsync(cancellationToken);
        await Task.WhenAll(asked, samples, families).WaitAsync(cancellationToken);
        var grid = await asked;
        string[] silos = [.. grid.Shards.Select(shard => shard.Silo).Distinct().Order(StringComparer.Ordinal)];
        var now = time.GetUtcNow();
        return new LiveSnapshot(
            now,
            HelpText.Version,
            drain.State.ToString(),
            readiness.Obstacle(),
            silo.SiloAddress.ToString(),
            await CountAcceptedAsync(cancellationToken),
            edges.Sum,
            [.. edges.Frontends.Select(Describe)],
            grid.Shards.Sum(shard => shard.FirstSights),
            grid.Shards.Sum(shard => shard.Repetitions),
            [.. grid.Sinks.GroupBy(queue => queue.Sink).Select(queues => Join([.. queues], now))],
            PlacesOf(grid.Shards, silos),
            silos,
            Join(await families),
            Mask(await samples));
    }

    private async Task<SortedDictionary<string, long>> CountAcceptedAsync(CancellationToken cancellationToken)
    {
        var accepted = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var queue = 0; queue < journal.Parameters.Queues; queue++)
        {
            foreach (var (source, events) in (await journal.GetEndAsync(queue, cancellationToken)).Accepted)
                accepted[source] = accepted.GetValueOrDefault(source) + events;
        }
        return accepted;
    }

    private static LiveFrontend Describe(FrontendEdge frontend) => new(
        frontend.Report.Instance,
        frontend.Report.Name,
        frontend.Report.StartedAt,
        frontend.IsGone,
        (long)frontend.Silent.TotalMilliseconds,
        frontend.Report.Sources);

    private int[] PlacesOf(IReadOnlyList<ShardStatus> shards, string[] silos)
    {
        var places = new int[journal.Parameters.Shards];
        Array.Fill(places, -1);
        foreach (var shard in shards)
            places[shard.Shard] = Array.IndexOf(silos, shard.Silo);
        return places;
    }

    private static LiveSink Join(IReadOnlyList<SinkStatus> queues, DateTimeOffset now)
    {
        var worst = queues.MaxBy(queue => queue.State)!;
        var oldest = queues.Min(queue => queue.OldestWaiting);
        var ledger = queues.SelectMany(queue => queue.Ledger).GroupBy(line => line.Mapping).Select(lines => new LedgerLine(
            lines.Key,
            lines.Sum(line => line.Accepted),
            lines.Sum(line => line.Written),
            lines.SelectMany(line => line.Ended).GroupBy(ended => ended.Key).ToDictionary(ended => ended.Key, ended => ended.Sum(one => one.Value)),
            lines.Sum(line => line.Pending)));
        return new LiveSink(
            worst.Sink,
            worst.State,
            worst.Reason,
            queues.Sum(queue => queue.BacklogBytes),
            oldest is { } since ? Math.Max(0, (long)(now - since).TotalMilliseconds) : null,
            [.. ledger]);
    }

    private static UserAgentFamilyCount[] Join(IReadOnlyList<UserAgentFamilyCount>[] slices) =>
    [
        .. slices.SelectMany(slice => slice)
            .GroupBy(family => family.Family)
            .Select(family => new UserAgentFamilyCount(family.Key, family.Sum(one => one.Count)))
            .OrderByDescending(family => family.Count).ThenBy(family => family.Family, StringComparer.Ordinal)
            .Take(BrowsersMax),
    ];

    /// <summary>The latest of each sink and mapping.</summary>
    private List<LiveRecord> Mask(IReadOnlyList<RecordSample> samples)
    {
        var records = new List<LiveRecord>();
        foreach (var latest in samples.GroupBy(sample => (sample.Sink, sample.Mapping)).Select(group => group.MaxBy(sample => sample.RequestedAt)!))
        {
            if (_mask.Show(latest) is { } record)
                records.Add(new LiveRecord(latest.Sink, latest.Mapping, latest.RequestedAt, record));
        }
        return records;
    }
}
