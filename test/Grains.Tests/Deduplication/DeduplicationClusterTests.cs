using Divolte.Grains.Deduplication;
using Divolte.Grains.Intake;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Interfaces.Intake;
using Divolte.Grains.Journal;
using Divolte.Grains.Placement;
using Divolte.Grains.Telemetry;
using Divolte.TestKit;
using Divolte.TestKit.Deduplication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using Xunit;

namespace Divolte.Grains.Tests.Deduplication;

/// <summary>Real grains on real silos in this process; only the journal is scripted, and shared by the silos as a store would be.</summary>
public sealed class DeduplicationClusterTests : IAsyncLifetime
{
    private const int Shards = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ShardMap _map = new(Shards, 4);
    private readonly ScriptedJournal _journal = new(TimeProvider.System) { Parameters = new JournalParameters(Shards, 4, "party") };
    private readonly Dictionary<int, long> _sequences = [];
    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IJournal>(_journal);
            silo.Services.AddSingleton(new DivolteConfiguration());
            silo.Services.TryAddSingleton<GridMetrics>();
            silo.Services.AddIntake();
            silo.Services.AddSingleton(provider => new QueueOwners(
                provider.GetRequiredService<IClusterMembershipService>(),
                provider.GetRequiredService<IClusterManifestProvider>(),
                provider.GetRequiredService<ILocalSiloDetails>(),
                _journal)
            {
                LookPeriod = TimeSpan.FromMilliseconds(100),
            });
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = TimeSpan.FromSeconds(1);
                options.NumMissedProbesLimit = 2;
                options.NumVotesForDeathDeclaration = 1;
            });
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Batch_ReachesShardsOfAllSilos()
    {
        var verdicts = await SubmitAsync(Everywhere("a"));

        Assert.All(verdicts, verdict => Assert.Equal(EventVerdict.Accepted, verdict));
        Assert.Equal(2, (await SilosAsync()).Distinct().Count());
        Assert.All(await SubmitAsync(Everywhere("a")), verdict => Assert.Equal(EventVerdict.Duplicate, verdict));
        Assert.All(Enumerable.Range(0, Shards), shard => Assert.Equal(["a", "a*"], _journal.EventsOf(shard)));
    }

    [Fact]
    public async Task SiloThatStops_HandsItsMemoryOver()
    {
        await SubmitAsync(Everywhere("a"));
        var epochs = Enumerable.Range(0, Shards).Select(_journal.EpochOf).ToList();
        var before = await SilosAsync();
        _journal.HidesMarks = true; // what is still known afterwards was carried along

        await _cluster.StopSiloAsync(_cluster.Silos[1], TestContext.Current.CancellationToken);

        Assert.All(await SubmitAsync(Everywhere("a")), verdict => Assert.Equal(EventVerdict.Duplicate, verdict));
        for (var shard = 0; shard < Shards; shard++)
        {
            if (before[shard] == _cluster.Silos[0].SiloAddress.ToString())
                Assert.Equal(epochs[shard], _journal.EpochOf(shard));
            else
                Assert.True(_journal.EpochOf(shard) > epochs[shard]);
        }
    }

    [Fact]
    public async Task SiloThatIsKilled_ItsShardsStartElsewhereFromTheMarks()
    {
        await SubmitAsync(Everywhere("a"));

        await _cluster.KillSiloAsync(_cluster.Silos[1], TestContext.Current.CancellationToken);

        Assert.All(await SubmitAsync(Everywhere("a")), verdict => Assert.Equal(EventVerdict.Duplicate, verdict));
        Assert.Single((await SilosAsync()).Distinct());
    }

    [Fact]
    public async Task SiloThatJoins_TakesItsShareWithTheirMemory()
    {
        await SubmitAsync(Everywhere("a"));
        _journal.HidesMarks = true;

        var joined = await _cluster.StartAdditionalSiloAsync();

        var address = joined.SiloAddress.ToString();
        await UntilAsync(async () => (await SilosAsync()).Contains(address), "a shard on the third silo");
        Assert.All(await SubmitAsync(Everywhere("a")), verdict => Assert.Equal(EventVerdict.Duplicate, verdict));
    }

    [Fact]
    public async Task ShardClaimedByAnother_LosesNothingAndComesBack()
    {
        await SubmitAsync([(3, "a")]);
        await _journal.ClaimAsync(3, TestContext.Current.CancellationToken);

        Assert.Equal([EventVerdict.Duplicate, EventVerdict.Accepted], await SubmitAsync([(3, "a"), (3, "b")]));

        Assert.Equal(["a", "a*", "b"], _journal.EventsOf(3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteWithoutAnswer_IsDecidedByANewClaim(bool isWritten)
    {
        await SubmitAsync([(3, "a")]);
        var epoch = _journal.EpochOf(3);
        _journal.IsManual = true;
        var submitting = SubmitAsync([(3, "b")]);
        await UntilAsync(() => Task.FromResult(_journal.WaitingAppends.Count == 1), "the append");
        _journal.IsManual = false;

        _journal.Decide(AppendStatus.Unknown, isWritten);

        Assert.Equal([isWritten ? EventVerdict.AlreadyWritten : EventVerdict.Accepted], await submitting);
        Assert.Equal(["a", "b"], _journal.EventsOf(3));
        Assert.True(_journal.EpochOf(3) > epoch);
    }

    [Fact]
    public async Task StoreThatIsAway_ShardStartsWhenItIsBack()
    {
        _journal.IsAway = true;
        Assert.Equal([EventVerdict.Retry], await DeliverAsync([(3, "a")]));

        _journal.IsAway = false;

        Assert.Equal([EventVerdict.Accepted], await SubmitAsync([(3, "a")]));
    }

    private static IReadOnlyList<(int Shard, string EventId)> Everywhere(string eventId) =>
        [.. Enumerable.Range(0, Shards).Select(shard => (shard, eventId))];

    /// <summary>As a frontend does: one delivery after another under the same sequences, until every event has its outcome.</summary>
    private async Task<EventVerdict[]> SubmitAsync(IReadOnlyList<(int Shard, string EventId)> events)
    {
        foreach (var shard in events.Select(one => one.Shard).Distinct())
            _sequences[shard] = _sequences.GetValueOrDefault(shard) + 1;
        EventVerdict[] verdicts = [];
        await UntilAsync(
            async () =>
            {
                var latest = await DeliverAsync(events);
                verdicts = [.. latest.Select((verdict, index) =>
                    verdicts.Length > 0 && verdicts[index] != EventVerdict.Retry ? verdicts[index] : verdict)];
                return !verdicts.Contains(EventVerdict.Retry);
            },
            "verdicts for all events");
        return verdicts;
    }

    private async Task<EventVerdict[]> DeliverAsync(IReadOnlyList<(int Shard, string EventId)> events)
    {
        var bytes = new List<byte>();
        foreach (var part in events.GroupBy(one => one.Shard))
        {
            var sequence = _sequences.GetValueOrDefault(part.Key, 1);
            byte[] frames = [.. part.SelectMany(one => AFrame.Of(one.EventId, AFrame.PartyOf(one.Shard, _map)))];
            var head = new byte[EventBatchReader.HeadLength];
            EventBatchReader.WriteHead(head, new BatchPartHead(part.Key, part.Count(), sequence, sequence), frames.Length);
            bytes.AddRange([.. head, .. frames]);
        }
        var batch = new EventBatch { Frontend = APart.FrontendA, Parts = bytes.ToArray(), EventCount = events.Count };
        try
        {
            var receipt = await _cluster.Client.GetGrain<IIntakeGrain>(0).SubmitAsync(batch, TestContext.Current.CancellationToken);
            return [.. receipt.Verdicts.Select(verdict => (EventVerdict)verdict)];
        }
        catch (Exception) // the gateway went away with the call: a frontend delivers again
        {
            return [.. events.Select(_ => EventVerdict.Retry)];
        }
    }

    private async Task<string[]> SilosAsync()
    {
        var statuses = Enumerable.Range(0, Shards).Select(shard => _cluster.Client.GetGrain<IDeduplicationGrain>(shard).GetStatusAsync());
        return [.. (await Task.WhenAll(statuses)).Select(status => status.Silo)];
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo, string awaited)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo())
        {
            Assert.False(patience.IsCancellationRequested, "waited in vain for " + awaited);
            await Task.Yield();
        }
    }
}
