using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Journal;
using Divolte.TestKit;
using Divolte.TestKit.Journal;
using Divolte.TestKit.Processes;
using Xunit;

namespace Divolte.Grains.Tests.Journal.Redis;

/// <summary>What a journal in Redis does beyond what every journal does: several processes share it.</summary>
public sealed class RedisJournalTests(SharedRedis shared) : IClassFixture<SharedRedis>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ClaimByAnotherProcess_FencesTheFirst()
    {
        await using var rig = new RedisRig((await shared.GetOrSkipAsync()).Connection);
        var (first, second) = (await rig.OpenAsync(), await rig.OpenAsync());
        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(first, 1, "a"));
        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(first, 2, "other shard"));

        var claim = await rig.ClaimAsync(second, 1);

        Assert.Equal(AppendStatus.StaleEpoch, await rig.AppendAsync(first, 1, "zombie"));
        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(first, 2, "other shard again"));
        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(second, 1, "b"));
        Assert.Equal([EventFrame.IdentityKeyOf(AFrame.Of("a"))], claim.Marks.Select(mark => mark.Key));
        Assert.Equal(["a", "b"], await AnAppend.ReadIdsAsync(second, 1));
    }

    [Fact]
    public async Task ClaimedProgress_IsStoredOnlyUnderTheLastClaim_WithItsListOfSpillFiles()
    {
        await using var rig = new RedisRig((await shared.GetOrSkipAsync()).Connection);
        var (first, second) = (await rig.OpenAsync(), await rig.OpenAsync());
        SinkProgress At(long offset, SpillClaim? claim, long spilledThrough = 0) =>
            new("sink", 1, new JournalPosition(first.Incarnation, offset), default) { SpilledThrough = spilledThrough, Claim = claim };
        await first.SaveProgressAsync(At(0, null), Cancellation);
        var former = (await first.ClaimProgressAsync("sink", 1, 0, Cancellation))!.Claim!;
        var latter = (await second.ClaimProgressAsync("sink", 1, former.Epoch + 1_000_000_000, Cancellation))!.Claim!;
        Assert.True(latter.Epoch > former.Epoch + 1_000_000_000);

        Assert.Equal(ProgressOutcome.Stale, await first.SaveProgressAsync(At(30, former, 30), Cancellation));
        var stored = latter with { Version = 7, Bytes = 3, Files = new byte[] { 1, 2, 3 } };
        Assert.Equal(ProgressOutcome.Stored, await second.SaveProgressAsync(At(10, stored, 50), Cancellation));
        Assert.Equal(ProgressOutcome.Stored, await second.SaveProgressAsync(At(20, stored, 50), Cancellation));
        Assert.Equal(ProgressOutcome.Stale, await first.SaveProgressAsync(At(30, null), Cancellation));

        var listed = Assert.Single(await first.ListProgressAsync(Cancellation));
        Assert.Equal((20, 50, 3), (listed.Position.Offset, listed.SpilledThrough, listed.Claim!.Bytes));
        var next = (await first.ClaimProgressAsync("sink", 1, 0, Cancellation))!;
        Assert.Equal((20, 50, 7), (next.Position.Offset, next.SpilledThrough, next.Claim!.Version));
        Assert.Equal([1, 2, 3], next.Claim.Files.ToArray());
        Assert.Equal(ProgressOutcome.Stale, await second.SaveProgressAsync(At(25, stored, 50), Cancellation));
    }

    [Fact]
    public async Task ReplayShard_IsClaimedWithoutFencingTheOwnerAndRemembersWhatItTook()
    {
        await using var rig = new RedisRig((await shared.GetOrSkipAsync()).Connection);
        var (owner, replay) = (await rig.OpenAsync(), await rig.OpenAsync());
        var shard = replay.ReplayShardOf(5);
        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(owner, 5, "a"));
        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(replay, shard, "replayed"));
        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(owner, 5, "b"));

        var next = await (await rig.OpenAsync()).ClaimAsync(shard, Cancellation);

        Assert.Equal(["a", "replayed", "b"], await AnAppend.ReadIdsAsync(owner, 1));
        Assert.Equal([2L], Assert.Single(next.Redeliveries).Appended);
        Assert.Empty(next.Marks);
        Assert.Equal(AppendStatus.StaleEpoch, await rig.AppendAsync(replay, shard, "of a replay that was cut short"));
        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(owner, 5, "c"));
    }

    [Fact]
    public async Task ReplayShards_AreOneForEachQueueBehindThoseOfTheCluster()
    {
        await using var rig = new RedisRig((await shared.GetOrSkipAsync()).Connection);
        var parameters = new JournalParameters(7, 3, "party");
        var journal = await rig.OpenAsync(rig.Options with { Parameters = parameters });

        var shards = Enumerable.Range(0, parameters.Shards).Select(shard => (Shard: shard, Replay: journal.ReplayShardOf(shard))).ToList();

        Assert.All(shards, pair => Assert.Equal(pair.Shard % parameters.Queues, pair.Replay % parameters.Queues));
        Assert.Equal([7, 8, 9], shards.Select(pair => pair.Replay).Distinct().Order());
        Assert.True((await journal.ClaimAsync(9, Cancellation)).Epoch > 0);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => journal.ClaimAsync(10, Cancellation).AsTask());
    }

    [Fact]
    public async Task Append_WakesReadersOfOtherProcesses()
    {
        await using var rig = new RedisRig((await shared.GetOrSkipAsync()).Connection);
        var (writer, reader) = (await rig.OpenAsync(), await rig.OpenAsync());
        var waiting = reader.WaitAsync(1, new JournalPosition(reader.Incarnation, 0), Cancellation).AsTask();

        await rig.AppendAsync(writer, 1, "a");

        await waiting.WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
        Assert.Equal(["a"], await AnAppend.ReadIdsAsync(reader, 1));
    }

    [Fact]
    public async Task ManyAppendsAtOnce_AreAllWrittenInTheirShardsOrder()
    {
        await using var rig = new RedisRig((await shared.GetOrSkipAsync()).Connection);
        var journal = await rig.OpenAsync(rig.Options with { GroupAppendsMax = 7 });
        for (var shard = 0; shard < RedisRig.Parameters.Shards; shard++)
            await rig.ClaimAsync(journal, shard);

        var appends = new List<Task<AppendStatus>>();
        for (var number = 0; number < 400; number++)
            appends.Add(rig.AppendAsync(journal, number % RedisRig.Parameters.Shards, $"{number:000}"));

        Assert.All(await Task.WhenAll(appends), status => Assert.Equal(AppendStatus.Appended, status));
        for (var queue = 0; queue < RedisRig.Parameters.Queues; queue++)
        {
            var ids = await AnAppend.ReadIdsAsync(journal, queue);
            Assert.Equal(100, ids.Count);
            Assert.Equal(ids.Order(), ids);
        }
    }

    [Fact]
    public async Task Marks_AreBoundedAndTheOldestGoFirst()
    {
        await using var rig = new RedisRig((await shared.GetOrSkipAsync()).Connection);
        var journal = await rig.OpenAsync(rig.Options with { DuplicateWindow = TimeSpan.Zero, DuplicateMemorySize = 8 * 300, DuplicateCapacity = 8 * 400 });
        var claim = await journal.ClaimAsync(1, Cancellation);
        for (var part = 1; part <= 30; part++)
        {
            var frames = Enumerable.Range(0, 100).Select(index => AFrame.Of($"{part}-{index}")).ToList();
            Assert.Equal(AppendStatus.Appended, (await journal.AppendAsync(AnAppend.Of(claim.Epoch, 1, part, frames), Cancellation)).Status);
        }

        var marks = (await journal.ClaimAsync(1, Cancellation)).Marks;

        Assert.InRange(marks.Count, 300, 1000);
        Assert.Equal(EventFrame.IdentityKeyOf(AFrame.Of("30-99")), marks[^1].Key);
        Assert.Equal(marks.OrderBy(mark => mark.SeenAt).Select(mark => mark.SeenAt), marks.Select(mark => mark.SeenAt));
    }

    [Fact]
    public async Task FullServer_RefusesAppendsUntilSinksHaveMadeRoom()
    {
        await using var server = await RedisProcess.StartOrSkipAsync();
        await using var rig = new RedisRig(server.Connection) { Server = new RedisOptions { MaximumMemoryBytes = 12 << 20 } };
        var journal = await rig.OpenAsync();
        await journal.SaveProgressAsync(new SinkProgress("sink", 1, new JournalPosition(journal.Incarnation, 0), default), Cancellation);

        var status = AppendStatus.Appended;
        for (var number = 0; status == AppendStatus.Appended && number < 100; number++)
            status = await rig.AppendAsync(journal, 1, $"{number}", padding: 1 << 18);

        Assert.Equal(AppendStatus.Unavailable, status);
        await TestWait.UntilAsync(() => !journal.Health.CanAppend && journal.Health.Reason.Contains("full", StringComparison.Ordinal), () => journal.Health.ToString());
        await journal.SaveProgressAsync(new SinkProgress("sink", 1, (await journal.GetEndAsync(1, Cancellation)).Position, default), Cancellation);
        await TestWait.UntilAsync(() => journal.Health.CanAppend, () => journal.Health.ToString());
        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(journal, 1, "room again"));
    }

    [Fact]
    public async Task Trim_FreesWhatAllSinksHavePassed()
    {
        var server = await shared.GetOrSkipAsync();
        await using var rig = new RedisRig(server.Connection);
        var journal = await rig.OpenAsync();
        foreach (var id in new[] { "a", "b", "c" })
            await rig.AppendAsync(journal, 1, id);
        var entries = await AnAppend.ReadAllAsync(journal, 1);
        await journal.SaveProgressAsync(new SinkProgress("fast", 1, entries[2].Position, default), Cancellation);
        await journal.SaveProgressAsync(new SinkProgress("slow", 1, entries[1].Position, default), Cancellation);

        await journal.TrimAsync(Cancellation);

        Assert.Equal(["c"], await AnAppend.ReadIdsAsync(journal, 1));
        Assert.Equal(":1", await server.CommandAsync($"XLEN {{{rig.Cluster}}}:queue:1"));
    }

    [Fact]
    public async Task WeakerServerThanConfigured_IsReported()
    {
        await using var weak = await RedisProcess.StartOrSkipAsync("--appendfsync", "everysec");
        await using var rig = new RedisRig(weak.Connection);

        var strict = await rig.OpenAsync();
        rig.Server = new RedisOptions { Sync = RedisSync.Everysec };
        var content = await rig.OpenAsync();

        Assert.Contains("appendfsync everysec", strict.Health.Warning, StringComparison.Ordinal);
        Assert.Contains(rig.Log.All, line => line.Contains("appendfsync everysec", StringComparison.Ordinal));
        Assert.Empty(content.Health.Warning);
    }

    [Fact]
    public async Task StoreOfALaterFormat_IsRefused()
    {
        await using var server = await RedisProcess.StartOrSkipAsync();
        await using var rig = new RedisRig(server.Connection);
        var journal = await rig.OpenAsync();
        Assert.Equal((int)GridFormat.Latest, journal.Parameters.Format);
        await server.CommandAsync($"HSET {{{rig.Cluster}}}:meta format {GridFormat.Latest + 1}");

        var refusal = await Assert.ThrowsAsync<JournalException>(() => rig.OpenAsync());

        Assert.Contains($"format {GridFormat.Latest + 1}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StoreOfAnOlderFormat_KeepsItUntilItIsRaised()
    {
        await using var server = await RedisProcess.StartOrSkipAsync();
        await using var rig = new RedisRig(server.Connection);
        await rig.OpenAsync();
        await server.CommandAsync($"HSET {{{rig.Cluster}}}:meta format {GridFormat.Oldest}");
        var journal = await rig.OpenAsync();
        Assert.Equal((int)GridFormat.Oldest, journal.Parameters.Format);

        await journal.RaiseFormatAsync();

        Assert.Equal((int)GridFormat.Latest, journal.StoredFormat);
        Assert.Equal((int)GridFormat.Latest, (await rig.OpenAsync()).Parameters.Format);
    }

    [Fact]
    public async Task Password_OpensAServerThatAsksForOne()
    {
        await using var server = await RedisProcess.StartOrSkipAsync("--requirepass", "secret");
        await using var rig = new RedisRig(server.Connection) { Server = new RedisOptions { Password = "secret" } };

        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(await rig.OpenAsync(), 1, "a"));
        var refusal = await Assert.ThrowsAsync<JournalException>(
            () => rig.OpenAsync(rig.Options with { Server = new RedisOptions(), StartPatience = TimeSpan.FromMilliseconds(300) }));
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_ReachesAServerWhoseAuthorityIsNamed()
    {
        using var folder = new TemporaryFolder();
        var (authority, certificate, key) = WriteCertificates(folder);
        var port = FreePort.Next();
        await using var server = await RedisProcess.StartOrSkipAsync(
            "--tls-port", $"{port}", "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", authority, "--tls-auth-clients", "no");
        await using var rig = new RedisRig($"127.0.0.1:{port},ssl=true,sslHost=localhost") { Server = new RedisOptions { CertificateAuthority = authority } };

        Assert.Equal(AppendStatus.Appended, await rig.AppendAsync(await rig.OpenAsync(), 1, "a"));
        await Assert.ThrowsAsync<JournalException>(
            () => rig.OpenAsync(rig.Options with { Server = new RedisOptions(), StartPatience = TimeSpan.FromMilliseconds(300) }));
    }

    [Theory]
    [InlineData("127.0.0.1:1", "cannot be reached")]
    [InlineData("127.0.0.1:1,nonsense=true", "no connection string")]
    public async Task ServerThatIsNotThere_RefusesTheStart(string connection, string reason)
    {
        await using var rig = new RedisRig(connection);

        var refusal = await Assert.ThrowsAsync<JournalException>(() => rig.OpenAsync(rig.Options with { StartPatience = TimeSpan.FromMilliseconds(300) }));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>An authority, and a certificate for <c>localhost</c> that it signed, with its key.</summary>
    private static (string Authority, string Certificate, string Key) WriteCertificates(TemporaryFolder folder)
    {
        var (begin, end) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = authorityRequest.CreateSelfSigned(begin, end);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, begin, end, [1, 2, 3, 4]);
        return (
            folder.Write("authority.pem", authority.ExportCertificatePem()),
            folder.Write("certificate.pem", certificate.ExportCertificatePem()),
            folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem()));
    }

    [Fact]
    public async Task ServerThatThrowsKeysAway_IsRefused()
    {
        await using var evicting = await RedisProcess.StartOrSkipAsync("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
        await using var rig = new RedisRig(evicting.Connection);

        var refusal = await Assert.ThrowsAsync<JournalException>(() => rig.OpenAsync());

        Assert.Contains("noeviction", refusal.Message, StringComparison.Ordinal);
    }
}
