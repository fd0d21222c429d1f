using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Journal.Redis;
using Divolte.Grains.Sinks.Spill;
using Divolte.Grains.Tests.Journal.Redis;
using Divolte.TestKit.Processes;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Spill;

/// <summary>
/// Backlog that several silos spill one after another, and against each other, over a real Redis and a real directory: what is acknowledged reaches the
/// destination in order, whoever still believes that the queue is his.
/// </summary>
public sealed class GridSpillTests(SharedRedis shared) : IClassFixture<SharedRedis>, IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("divolte-shared-spill-");
    private readonly ShiftedTime _time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ScriptedSink _sink = new();
    private readonly List<GridSilo> _silos = [];
    private readonly List<string> _acknowledged = [];
    private RedisRig? _rig;
    private RedisJournal? _appending;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RedisRig Rig => _rig!;

    [Fact]
    public async Task SinkThatIsAway_FreesRedis_AndItsNextSiloDeliversAll()
    {
        var first = await AwayAsync(events: 60);
        await first.SpillAsync();
        await first.Journal.TrimAsync(Token);
        Assert.Equal(0, await first.CountInJournalAsync());
        Assert.True(first.Spill.Bytes > 60 * 300);
        await AppendAsync(20);

        var second = await AddSiloAsync();
        await second.TakeOverAsync();
        _sink.Away = null;
        await second.DeliverAsync();
        await second.SettleAsync();

        Assert.Equal(_acknowledged, _sink.Ids);
        AssertBalance(await second.LedgerAsync(), written: 80, lost: 0);
        Assert.Equal(0, (await second.StoredAsync()).Claim!.Files.Length); // only a claim reads the list
    }

    [Fact]
    public async Task ZombieThatSpillsAndConfirms_ChangesNothingForItsSuccessor()
    {
        var zombie = await AwayAsync(events: 30);
        await zombie.SpillAsync(3000);
        var successor = await AddSiloAsync();
        await successor.TakeOverAsync();
        var claimed = await successor.StoredAsync();

        await AppendAsync(30);
        await zombie.SpillAsync();
        await zombie.Mover.ReleaseAsync(zombie.Worker, Token);

        Assert.True(zombie.Worker.IsReplaced);
        AssertSame(claimed, await successor.StoredAsync());
        Assert.Equal(0, await zombie.SpillAsync()); // and it has stopped trying
        var files = FileNames;
        await successor.SpillAsync();
        await successor.Journal.TrimAsync(Token);
        Assert.Equal(0, await successor.CountInJournalAsync());
        Assert.Empty(files.Except(FileNames)); // nobody has touched what he does not own
        _sink.Away = null;
        await successor.DeliverAsync();
        await successor.SettleAsync();

        Assert.Equal(_acknowledged, _sink.Ids);
        AssertBalance(await successor.LedgerAsync(), written: 60, lost: 0);
    }

    [Fact]
    public async Task ZombieThatReadsOn_DeliversNothingAroundWhatItsSuccessorHasSpilled()
    {
        var zombie = await AwayAsync(events: 30);
        await zombie.SpillAsync(3000);
        var behind = new JournalPosition(zombie.Spill.Incarnation, zombie.Spill.Mark.Through);
        var successor = await AddSiloAsync();
        await successor.TakeOverAsync();
        await successor.SpillAsync();
        await successor.Journal.TrimAsync(Token);
        await AppendAsync(5);

        var page = await ReadHeldAsync(zombie, behind);

        Assert.Empty(page.Entries);
        Assert.Equal(behind, page.Next);
        Assert.True(zombie.Worker.IsReplaced);
    }

    [Fact]
    public async Task ReaderWithoutTheOwner_WaitsForIt()
    {
        var owner = await AwayAsync(events: 30);
        await owner.SpillAsync();
        await owner.Journal.TrimAsync(Token);
        await AppendAsync(5);
        var elsewhere = await AddSiloAsync();

        var page = await ReadHeldAsync(elsewhere, new JournalPosition(owner.Journal.Incarnation, 0));

        Assert.Empty(page.Entries);
    }

    [Fact]
    public async Task SiloWithoutTheDirectory_StopsTheSinkInsteadOfSkipping()
    {
        var owner = await AwayAsync(events: 30);
        await owner.SpillAsync();
        await owner.Journal.TrimAsync(Token);
        var without = await AddSiloAsync(directory: null);

        await without.TakeOverAsync();

        Assert.Equal(SinkState.Stopped, without.Worker.Condition.State);
        Assert.Contains("spill.directory", without.Worker.Condition.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DirectoryThatIsNotTheSharedOne_IsRefused()
    {
        var owner = await AwayAsync(events: 30);
        await owner.SpillAsync();
        using var other = new TemporaryFolder();
        var elsewhere = await AddSiloAsync(other.Path);

        var refusal = await Assert.ThrowsAsync<IOException>(elsewhere.TakeOverAsync);

        Assert.Contains("is not the spill directory of the other silos", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(async () => await elsewhere.Spills.CheckAsync(Token));
    }

    [Fact]
    public async Task DirectoryThatIsAway_LeavesTheBacklogInRedisUntilItIsBack()
    {
        var owner = await AwayAsync(events: 20);
        await owner.SpillAsync(1000);
        var folder = Directory.GetDirectories(_directory.FullName).Single();
        Directory.Move(folder, folder + ".away");

        await Assert.ThrowsAsync<IOException>(() => owner.SpillAsync());
        await owner.Journal.TrimAsync(Token);
        Assert.InRange(await owner.CountInJournalAsync(), 1, 19);
        await Assert.ThrowsAsync<IOException>(owner.TakeOverAsync); // what it holds would count as lost

        Directory.Move(folder + ".away", folder);
        await owner.TakeOverAsync();
        await owner.SpillAsync();
        // What was appended just now is not heard of at once, and a queue that seems to be free is not asked about.
        for (var tries = 0; tries < 500 && await owner.CountInJournalAsync() > 0; tries++)
        {
            await owner.Journal.TrimAsync(Token);
            await Task.Delay(10, Token);
        }
        Assert.Equal(0, await owner.CountInJournalAsync());
        _sink.Away = null;
        await owner.DeliverAsync();
        await owner.SettleAsync();
        Assert.Equal(_acknowledged, _sink.Ids);
    }

    [Fact]
    public async Task PassedFiles_AreDeletedLate_AndOnlyByTheOwner()
    {
        var zombie = await AwayAsync(events: 30);
        await zombie.SpillAsync(3000);
        var owner = await AddSiloAsync();
        await owner.TakeOverAsync();
        await AppendAsync(5);
        await zombie.SpillAsync(); // its second part is nobody's; the first the successor has inherited
        await owner.SpillAsync();
        var late = await AddSiloAsync(); // finds what the zombie has left
        await owner.StopAsync();
        await late.TakeOverAsync();
        _sink.Away = null;
        await late.DeliverAsync();
        await late.SettleAsync();
        var before = FileNames.Count;
        await late.Mover.ReleaseAsync(late.Worker, Token);
        Assert.Equal(before, FileNames.Count);
        Assert.Equal(0, late.Spill.Bytes);

        _time.Advance(SpillLeftovers.KeptPassed);
        await late.Mover.ReleaseAsync(late.Worker, Token);
        Assert.InRange(FileNames.Count, 0, before - 2);
        _time.Advance(SpillLeftovers.KeptUnnamed);
        await late.Mover.ReleaseAsync(late.Worker, Token);

        Assert.Empty(FileNames);
        Assert.Equal(_acknowledged, _sink.Ids);
    }

    [Fact]
    public async Task DamagedEntry_IsCountedAndItsFileKept()
    {
        var owner = await AwayAsync(events: 30);
        await owner.SpillAsync();
        await owner.Journal.TrimAsync(Token);
        var path = Assert.Single(Directory.GetFiles(_directory.FullName, "*.spill", SearchOption.AllDirectories));
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);

        var next = await AddSiloAsync();
        await next.TakeOverAsync();
        _sink.Away = null;
        await next.DeliverAsync();
        await next.SettleAsync();

        Assert.Equal(29, _sink.Ids.Count);
        AssertBalance(await next.LedgerAsync(), written: 29, lost: 1);
        Assert.Single(Directory.GetFiles(_directory.FullName, "*.damaged-*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task OperatorWhoLeavesTheBacklogOut_EndsTheSpill()
    {
        var owner = await AwayAsync(events: 30);
        await owner.SpillAsync();

        await owner.Cursors.RestartAsync(_sink.Name, Grains.Sinks.Progress.CursorStart.Now, Token);
        await owner.Worker.NoteSpilledAsync(Token);

        Assert.True(owner.Worker.IsReplaced);
        await owner.TakeOverAsync();
        Assert.Equal(0, owner.Spill.Bytes);
        var first = _acknowledged.Count;
        await AppendAsync(5);
        _sink.Away = null;
        await owner.DeliverAsync();
        await owner.SettleAsync();
        Assert.Equal(_acknowledged.Skip(first), _sink.Ids);
    }

    [Fact]
    public async Task ReplicaThatKnowsOlderProgress_BringsBackWhatWasPassed_AndNothingCountsAsLost()
    {
        await using var primary = await RedisProcess.StartOrSkipAsync();
        await using var replica = await RedisProcess.StartOrSkipAsync();
        var owner = await SpillAndLagAsync(replica, primary);
        _sink.Away = null;
        await owner.DeliverAsync();
        await owner.SettleAsync();
        await owner.Mover.ReleaseAsync(owner.Worker, Token);
        Assert.Equal(40, _sink.Ids.Count);
        await owner.AbandonAsync();

        await FailOverAsync(replica, primary);
        await Rig.AppendUntilTakenAsync(_appending!, GridSilo.Queue, "afterwards");
        await RetryAsync(owner.TakeOverAsync);
        await RetryAsync(owner.DeliverAsync);
        await owner.SettleAsync();

        Assert.Equal([.. _acknowledged, .. _acknowledged, "afterwards"], _sink.Ids);
        AssertBalance(await owner.LedgerAsync(), written: 41, lost: 0);
    }

    [Fact]
    public async Task StoreThatComesBackShorter_KeepsTheSpillForWhoeverGoesOnAtTheOldest()
    {
        await using var primary = await RedisProcess.StartOrSkipAsync();
        await using var replica = await RedisProcess.StartOrSkipAsync();
        var owner = await SpillAndLagAsync(replica, primary);
        var incarnation = owner.Journal.Incarnation;
        await Rig.AppendAsync(_appending!, GridSilo.Queue, "lost in the failover");
        await owner.SpillAsync();

        await FailOverAsync(replica, primary);
        await Rig.AppendUntilTakenAsync(_appending!, GridSilo.Queue, "afterwards");
        await LearnAsync(owner, incarnation);
        await RetryAsync(owner.TakeOverAsync);
        Assert.Equal(SinkState.Stopped, owner.Worker.Condition.State);
        await RetryAsync(() => owner.Cursors.RestartAsync(_sink.Name, Grains.Sinks.Progress.CursorStart.Oldest, Token));
        _sink.Away = null;
        await RetryAsync(owner.TakeOverAsync);
        await RetryAsync(owner.DeliverAsync);
        await owner.SettleAsync();

        Assert.Equal([.. _acknowledged, "afterwards"], _sink.Ids.Where(id => id != "lost in the failover"));
        var line = await owner.LedgerAsync();
        Assert.Equal((line.Accepted, 0L, 0), (line.Written, line.Pending, line.Ended.Count));
    }

    [Fact]
    public async Task AnyHistory_DeliversWhatWasAcknowledgedInOrder()
    {
        for (var seed = 1; seed <= 25; seed++)
        {
            await StartAsync(null);
            _acknowledged.Clear();
            var sink = new ScriptedSink();
            var random = new Random(seed);
            var silos = new List<GridSilo>();
            for (var silo = 0; silo < 3; silo++)
                silos.Add(await AddSiloAsync(sink: sink));
            var owner = silos[0];
            await owner.TakeOverAsync();
            for (var step = random.Next(10, 40); step > 0; step--)
                owner = await StepAsync(random, silos, owner, sink);
            sink.Away = null;
            await owner.TakeOverAsync();
            for (var read = 0; read < 3; read++) // a page that was held back is asked for again
                await owner.DeliverAsync();
            await owner.SettleAsync();

            Assert.True(!_acknowledged.Except(sink.Ids).Any(), $"Seed {seed} lost {string.Join(' ', _acknowledged.Except(sink.Ids))}");
            Assert.True(_acknowledged.SequenceEqual(sink.Ids.Distinct()), $"Seed {seed}: order");
            var line = await owner.LedgerAsync();
            Assert.True(line.Accepted == line.Written && line.Pending == 0 && line.Ended.Count == 0, $"Seed {seed}: {line}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
            await silo.DisposeAsync();
        if (_rig is not null)
            await _rig.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private List<string> FileNames => [.. Directory.GetFiles(_directory.FullName, "*.spill", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private async Task<GridSilo> StepAsync(Random random, List<GridSilo> silos, GridSilo owner, ScriptedSink sink)
    {
        var others = silos.Where(silo => silo != owner).ToList();
        switch (random.Next(9))
        {
            case 0 or 1:
                await AppendAsync(random.Next(1, 20));
                break;
            case 2:
                await owner.SpillAsync(random.Next(1, 12_000));
                break;
            case 3:
                await owner.Journal.TrimAsync(Token);
                await owner.Mover.ReleaseAsync(owner.Worker, Token);
                break;
            case 4:
                sink.Away = sink.Away is null ? "no route" : null;
                break;
            case 5:
                await owner.DeliverAsync();
                if (sink.Away is null && random.Next(2) == 0)
                    await owner.SettleAsync();
                break;
            case 6 or 7: // somebody else takes over; the former owner may not know it, and goes on at one of the next steps
                var next = others[random.Next(others.Count)];
                if (random.Next(2) == 0)
                    await owner.AbandonAsync();
                await next.TakeOverAsync();
                return next;
            default:
                await ActAsZombieAsync(random, others[random.Next(others.Count)]);
                break;
        }
        return owner;
    }

    /// <summary>Does what an owner does, on a silo that may have been one.</summary>
    private static async Task ActAsZombieAsync(Random random, GridSilo zombie)
    {
        if (!zombie.IsRunning)
            return;
        if (random.Next(2) == 0)
            await zombie.SpillAsync(random.Next(1, 12_000));
        await zombie.Mover.ReleaseAsync(zombie.Worker, Token);
        await zombie.Worker.NoteSpilledAsync(Token);
    }

    private async Task<GridSilo> AwayAsync(int events, string? connection = null)
    {
        await StartAsync(connection);
        _sink.Away = "no route";
        var silo = await AddSiloAsync();
        await silo.TakeOverAsync();
        await AppendAsync(events);
        return silo;
    }

    private async Task StartAsync(string? connection)
    {
        if (_rig is not null)
            await _rig.DisposeAsync();
        _rig = new RedisRig(connection ?? (await shared.GetOrSkipAsync()).Connection);
        _appending = await _rig.OpenAsync();
    }

    private Task<GridSilo> AddSiloAsync(ScriptedSink? sink = null) => AddSiloAsync(_directory.FullName, sink);

    private async Task<GridSilo> AddSiloAsync(string? directory, ScriptedSink? sink = null)
    {
        var silo = new GridSilo(await Rig.OpenAsync(), directory, sink ?? _sink, _time, Rig.Log);
        _silos.Add(silo);
        return silo;
    }

    private async Task AppendAsync(int events)
    {
        for (var number = 0; number < events; number++)
        {
            var id = _acknowledged.Count.ToString("D5", System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(AppendStatus.Appended, await Rig.AppendAsync(_appending!, GridSilo.Queue, id, padding: 300));
            _acknowledged.Add(id);
        }
    }

    /// <summary>Reads while the clock goes on, for a reader that waits by it.</summary>
    private async Task<JournalPage> ReadHeldAsync(GridSilo silo, JournalPosition after)
    {
        await silo.Journal.GetEndAsync(GridSilo.Queue, Token);
        var reading = silo.ReadAsync(after).AsTask();
        while (!reading.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(reading, Task.Delay(20, Token));
        }
        return await reading;
    }

    /// <summary>Reads, as a sink's reader does, until the silo knows that the store has come back shorter.</summary>
    private async Task LearnAsync(GridSilo silo, long incarnation)
    {
        for (var attempt = 0; silo.Journal.Incarnation == incarnation; attempt++)
        {
            try
            {
                await silo.Journal.ReadAsync(GridSilo.Queue, new JournalPosition(incarnation, 0), 1000, Token);
            }
            catch (Exception trouble) when (trouble is ArgumentException || Grains.Journal.Redis.Connecting.RedisTroubles.IsTrouble(trouble))
            {
                // It is another one now, or cannot be reached yet.
            }
            Assert.True(attempt < 600, $"The silo knows nothing of it. Log:\n{Rig.Log}");
            await Task.Delay(50, Token);
        }
    }

    /// <summary>Connections come back one by one after a failover.</summary>
    private static async Task RetryAsync(Func<Task> step)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await step();
                return;
            }
            catch (Exception trouble) when (attempt < 200 && Grains.Journal.Redis.Connecting.RedisTroubles.IsTrouble(trouble))
            {
                await Task.Delay(50, Token);
            }
        }
    }

    /// <summary>40 events are spilled, which both know; what comes now only the primary does.</summary>
    private async Task<GridSilo> SpillAndLagAsync(RedisProcess replica, RedisProcess primary)
    {
        await FollowAsync(replica, primary);
        var owner = await AwayAsync(events: 40, $"{primary.Connection},{replica.Connection}");
        await owner.SpillAsync();
        await owner.Journal.TrimAsync(Token);
        await LagAsync(replica, primary);
        return owner;
    }

    private static async Task FollowAsync(RedisProcess replica, RedisProcess primary)
    {
        await replica.CommandAsync($"REPLICAOF 127.0.0.1 {primary.Port}");
        await replica.WaitUntilAsync("INFO replication", "master_link_status:up");
    }

    /// <summary>From here on the replica hears nothing.</summary>
    private static async Task LagAsync(RedisProcess replica, RedisProcess primary)
    {
        await primary.WaitForReplicaAsync(replica);
        replica.Signal("STOP");
        await primary.CommandAsync("CLIENT KILL TYPE replica");
    }

    private static async Task FailOverAsync(RedisProcess replica, RedisProcess primary)
    {
        await primary.KillAsync();
        replica.Signal("CONT");
        await replica.WaitUntilAsync("REPLICAOF NO ONE", "OK");
    }

    private static void AssertSame(SinkProgress expected, SinkProgress actual) => Assert.Equal(
        (expected.Position, expected.SpilledThrough, expected.Claim), (actual.Position, actual.SpilledThrough, actual.Claim));

    private static void AssertBalance(LedgerLine line, long written, long lost) => Assert.Equal(
        (written + lost, written, lost, 0L), (line.Accepted, line.Written, line.Ended.GetValueOrDefault(DropReason.Damaged), line.Pending));
}
