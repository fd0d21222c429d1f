using System.Globalization;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.TestKit.Journal;
using Divolte.TestKit.Processes;
using Xunit;

namespace Divolte.Grains.Tests.Journal.Redis;

/// <summary>What the journal keeps, and says, when its server is killed, hangs, or is replaced by another one.</summary>
public sealed class RedisFailureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ConnectionForMessages_IsWaitedForButNotForEver(bool comesLater)
    {
        // A journal has four connections; that for messages is made last, and there is no room for it.
        await using var redis = await RedisProcess.StartOrSkipAsync("--maxclients", "4");
        await using var rig = new RedisRig(redis.Connection);
        using var other = new System.Net.Sockets.TcpClient("127.0.0.1", redis.Port);

        var opening = rig.OpenAsync(rig.Options with { StartPatience = TimeSpan.FromSeconds(1) });
        await Task.Delay(TimeSpan.FromSeconds(6), Cancellation); // the client has returned without that connection by then, as it does after its time-out
        if (!comesLater)
        {
            await Assert.ThrowsAsync<JournalException>(() => opening.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
            return;
        }
        other.Close();

        var journal = await opening;
        Assert.True(journal.Health.CanAppend);
    }

    [Fact]
    public async Task KilledServer_BringsBackAllThatWasAcknowledged()
    {
        await using var server = await RedisProcess.StartOrSkipAsync();
        await using var rig = new RedisRig(server.Connection);
        var journal = await rig.OpenAsync();
        var incarnation = journal.Incarnation;
        for (var number = 0; number < 50; number++)
            Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(journal, number % 8, $"{number}"));

        await server.KillAsync();
        Assert.NotEqual(AppendStatus.Appended, await rig.AppendAsync(journal, 1, "refused"));
        await TestWait.UntilAsync(() => !journal.Health.CanAppend, () => journal.Health.ToString());
        await server.StartAsync();
        await rig.AppendUntilTakenAsync(journal, 1, "afterwards");

        var ids = await RedisRig.ReadAllAsync(journal);
        Assert.Equal(Enumerable.Range(0, 50).Select(number => number.ToString(CultureInfo.InvariantCulture)).Append("afterwards").Order(), ids.Order());
        Assert.Equal(incarnation, journal.Incarnation);
        await TestWait.UntilAsync(() => journal.Health.CanAppend, () => journal.Health.ToString());
    }

    [Fact]
    public async Task PausedServer_LeavesTheOutcomeUnknownAndTheClaimTellsIt()
    {
        await using var server = await RedisProcess.StartOrSkipAsync();
        await using var rig = new RedisRig(server.Connection);
        var journal = await rig.OpenAsync();
        await rig.AppendAsync(journal, 1, "before");
        server.Signal("STOP");

        var status = await rig.AppendAsync(journal, 1, "meanwhile");

        Assert.Equal(AppendStatus.Unknown, status);
        server.Signal("CONT");
        ShardClaim? claim = null;
        for (var attempt = 0; claim is null && attempt < 100; attempt++)
        {
            try
            {
                claim = await rig.ClaimAsync(journal, 1);
            }
            catch (Exception trouble) when (Grains.Journal.Redis.Connecting.RedisTroubles.IsTrouble(trouble))
            {
                await Task.Delay(50, Cancellation);
            }
        }
        var isWritten = (await AnAppend.ReadIdsAsync(journal, 1)).Contains("meanwhile");
        Assert.Equal(isWritten ? [1L, 2L] : [1L], claim!.Redeliveries.Single().Appended);
    }

    [Fact]
    public async Task LaggingReplicaThatTakesOver_RaisesTheIncarnationAndSaysWhatIsLost()
    {
        await using var primary = await RedisProcess.StartOrSkipAsync();
        await using var replica = await RedisProcess.StartOrSkipAsync();
        await FollowAsync(replica, primary);
        await using var rig = new RedisRig($"{primary.Connection},{replica.Connection}");
        var journal = await rig.OpenAsync();
        var incarnation = journal.Incarnation;
        for (var number = 0; number < 20; number++)
            await rig.AppendAsync(journal, 1, $"kept {number}");
        await primary.WaitForReplicaAsync(replica);
        replica.Signal("STOP");
        await primary.CommandAsync("CLIENT KILL TYPE replica"); // otherwise the system would deliver to it what is sent from now on
        for (var number = 0; number < 7; number++)
            Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(journal, 1, $"lost {number}"));
        var epoch = (await rig.ClaimAsync(journal, 1)).Epoch;

        await primary.KillAsync();
        replica.Signal("CONT");
        await replica.WaitUntilAsync("REPLICAOF NO ONE", "OK");
        await rig.AppendUntilTakenAsync(journal, 1, "afterwards");

        Assert.True(journal.Incarnation > incarnation);
        Assert.Contains(rig.Log.All, line => line.Contains("without 7 acknowledged events", StringComparison.Ordinal));
        Assert.True((await rig.ClaimAsync(journal, 1)).Epoch > epoch);
        var ids = await AnAppend.ReadIdsAsync(journal, 1);
        Assert.Equal(21, ids.Count);
        Assert.DoesNotContain(ids, id => id.StartsWith("lost", StringComparison.Ordinal));
        await Assert.ThrowsAsync<ArgumentException>(() => journal.ReadAsync(1, new JournalPosition(incarnation, 0), 1000, Cancellation).AsTask());
    }

    [Fact]
    public async Task LaggingReplicaAndAnOwnerThatIsGone_RaiseTheIncarnationAtTheNextClaim()
    {
        await using var primary = await RedisProcess.StartOrSkipAsync();
        await using var replica = await RedisProcess.StartOrSkipAsync();
        await FollowAsync(replica, primary);
        await using var rig = new RedisRig($"{primary.Connection},{replica.Connection}");
        var gone = await rig.OpenAsync();
        var staying = await rig.OpenAsync();
        var incarnation = staying.Incarnation;
        await rig.AppendAsync(gone, 1, "a");
        await rig.AppendAsync(staying, 2, "b");
        await primary.WaitForReplicaAsync(replica);
        await gone.DisposeAsync();

        await primary.KillAsync();
        await replica.WaitUntilAsync("REPLICAOF NO ONE", "OK");
        await rig.AppendUntilTakenAsync(staying, 2, "c");
        Assert.Equal(incarnation, staying.Incarnation);
        await rig.ClaimAsync(staying, 1);

        Assert.True(staying.Incarnation > incarnation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LaggingReplicaWithoutAReplay_RaisesTheIncarnationWhenItsEventsWereRead(bool wereRead)
    {
        await using var primary = await RedisProcess.StartOrSkipAsync();
        await using var replica = await RedisProcess.StartOrSkipAsync();
        await FollowAsync(replica, primary);
        await using var rig = new RedisRig($"{primary.Connection},{replica.Connection}");
        var silo = await rig.OpenAsync();
        var replay = await rig.OpenAsync();
        var incarnation = silo.Incarnation;
        for (var shard = 0; shard < RedisRig.Parameters.Shards; shard++)
            await rig.AppendAsync(silo, shard, $"kept {shard}");
        await rig.ClaimAsync(replay, replay.ReplayShardOf(1));
        await primary.WaitForReplicaAsync(replica);
        replica.Signal("STOP");
        await primary.CommandAsync("CLIENT KILL TYPE replica"); // otherwise the system would deliver to it what is sent from now on
        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(replay, replay.ReplayShardOf(1), "replayed"));
        await replay.DisposeAsync();
        if (wereRead)
            Assert.Contains("replayed", await AnAppend.ReadIdsAsync(silo, 1));

        await primary.KillAsync();
        replica.Signal("CONT");
        await replica.WaitUntilAsync("REPLICAOF NO ONE", "OK");
        await rig.AppendUntilTakenAsync(silo, 1, "afterwards");

        // What a sink may have confirmed must not give its place to another event.
        Assert.Equal(wereRead, silo.Incarnation > incarnation);
        var next = await rig.OpenAsync();
        await rig.ClaimAsync(next, next.ReplayShardOf(1));
        Assert.Equal(wereRead, next.Incarnation > incarnation);
        Assert.Equal(["kept 1", "kept 5", "afterwards"], await AnAppend.ReadIdsAsync(next, 1));
    }

    [Fact]
    public async Task ReplicaThatHadToBeWaitedFor_TakesOverWithoutLoss()
    {
        await using var primary = await RedisProcess.StartOrSkipAsync();
        await using var replica = await RedisProcess.StartOrSkipAsync();
        await FollowAsync(replica, primary);
        await using var rig = new RedisRig($"{primary.Connection},{replica.Connection}")
        {
            Server = new RedisOptions { Replicas = 1, ReplicaTimeout = TimeSpan.FromSeconds(4) },
        };
        var journal = await rig.OpenAsync(rig.Options with { CommandTimeout = TimeSpan.FromSeconds(6) });
        var incarnation = journal.Incarnation;
        for (var number = 0; number < 20; number++)
            Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(journal, 1, $"{number}"));
        replica.Signal("STOP");
        Assert.Equal(AppendStatus.Unknown, await rig.AppendAsync(journal, 1, "not acknowledged"));
        replica.Signal("CONT");

        await primary.KillAsync();
        await replica.WaitUntilAsync("REPLICAOF NO ONE", "OK");
        rig.Server = new RedisOptions();
        var other = await rig.OpenAsync();

        var ids = await AnAppend.ReadIdsAsync(other, 1);
        Assert.Equal(Enumerable.Range(0, 20).Select(number => number.ToString(CultureInfo.InvariantCulture)), ids.Take(20));
        Assert.Equal(incarnation, other.Incarnation);
    }

    [Fact]
    public async Task SentinelThatFailsOver_IsFollowed()
    {
        await using var primary = await RedisProcess.StartOrSkipAsync();
        await using var replica = await RedisProcess.StartOrSkipAsync();
        await FollowAsync(replica, primary);
        await using var sentinel = await RedisSentinel.StartAsync(primary);
        await using var rig = new RedisRig(sentinel.Connection);
        var journal = await rig.OpenAsync();
        var incarnation = journal.Incarnation;
        for (var number = 0; number < 20; number++)
            Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(journal, 1, $"{number}"));
        await primary.WaitForReplicaAsync(replica);

        await primary.KillAsync();
        await replica.WaitUntilAsync("INFO replication", "role:master");
        await rig.AppendUntilTakenAsync(journal, 1, "afterwards");

        var ids = await AnAppend.ReadIdsAsync(journal, 1);
        Assert.Equal(Enumerable.Range(0, 20).Select(number => number.ToString(CultureInfo.InvariantCulture)), ids.Take(20));
        Assert.Contains("afterwards", ids);
        Assert.Equal(incarnation, journal.Incarnation);
    }

    [Fact]
    public async Task EmptiedServer_IsAnotherStoreOfAHigherIncarnation()
    {
        await using var server = await RedisProcess.StartOrSkipAsync();
        await using var rig = new RedisRig(server.Connection);
        var journal = await rig.OpenAsync();
        var incarnation = journal.Incarnation;
        await rig.AppendAsync(journal, 1, "a");

        await server.KillAsync();
        Directory.Delete(Path.Combine(server.Directory, "appendonlydir"), recursive: true);
        await server.StartAsync();
        await rig.AppendUntilTakenAsync(journal, 1, "afterwards");

        Assert.True(journal.Incarnation > incarnation);
        Assert.Contains(rig.Log.All, line => line.Contains("without 1 acknowledged events", StringComparison.Ordinal));
        Assert.Equal(["afterwards"], await AnAppend.ReadIdsAsync(journal, 1));
    }

    private static async Task FollowAsync(RedisProcess replica, RedisProcess primary)
    {
        await replica.CommandAsync($"REPLICAOF 127.0.0.1 {primary.Port}");
        await replica.WaitUntilAsync("INFO replication", "master_link_status:up");
    }
}
