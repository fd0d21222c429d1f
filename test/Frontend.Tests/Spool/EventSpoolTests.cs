using System.Text;
using Divolte.Frontend.Spool;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.TestKit.Journal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Frontend.Tests.Spool;

public sealed class EventSpoolTests : IAsyncDisposable
{
    private static readonly SpoolOwner Owner = new(4, "party");

    private readonly PowerCutFiles _files = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SpoolBounds _bounds = new() { BytesMax = 64 << 10, SegmentBytes = 4 << 10 };
    private EventSpool _spool;

    public EventSpoolTests() => _spool = Open();

    public async ValueTask DisposeAsync() => await _spool.DisposeAsync();

    [Fact]
    public async Task WrittenPart_IsReadBack()
    {
        var entry = Assert.Single((await WriteAsync((2, 7, "frames")))!);

        Assert.Equal("frames", Read(entry));
        Assert.Equal((2, 7L), (entry.Shard, entry.Sequence));
        Assert.Equal(1, _spool.Figures.WaitingEvents);
    }

    [Fact]
    public async Task PowerCut_KeepsWhatWasSynced_UnderItsFrontendAndInOrder()
    {
        var frontend = _spool.Frontend;
        await WriteAsync((0, 1, "a"), (1, 1, "b"));
        await WriteAsync((0, 2, "c"));

        CutPower();

        var recovered = _spool.TakeRecovered();
        Assert.Equal(["a", "b", "c"], recovered.Select(Read));
        Assert.All(recovered, entry => Assert.Equal(frontend, entry.Segment.Frontend));
        Assert.NotEqual(frontend, _spool.Frontend);
        Assert.Empty(_spool.TakeRecovered());
    }

    [Fact]
    public async Task Delivered_IsNotSentAgain_OnceItsProgressIsWritten()
    {
        var entries = await WriteAsync((0, 1, "a"), (0, 2, "b"), (1, 1, "c"));
        _spool.Settle(entries![0]);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _spool.WorkAsync(null);

        CutPower();

        Assert.Equal(["b", "c"], _spool.TakeRecovered().Select(Read));
    }

    [Fact]
    public async Task AbandonedPart_SaysNothingAboutThoseBefore()
    {
        var entries = await WriteAsync((0, 1, "a"), (0, 2, "b"));
        _spool.Abandon(entries![1]);
        await _spool.DisposeAsync();

        _spool = Open();

        Assert.Contains("a", _spool.TakeRecovered().Select(Read));
    }

    [Fact]
    public async Task EverythingDelivered_LeavesNoSegmentBehind()
    {
        for (var sequence = 1; sequence <= 40; sequence++)
            _spool.Settle((await WriteAsync((0, sequence, new string('x', 1000))))![0]);
        await _spool.DisposeAsync();

        Assert.DoesNotContain(_files.Names, name => name.StartsWith("spool-", StringComparison.Ordinal));
        _spool = Open();
    }

    [Fact]
    public async Task Full_IsAnObstacleUntilSomethingIsDelivered()
    {
        var kept = new List<SpoolEntry>();
        while (await WriteAsync((0, kept.Count + 1, new string('x', 1000))) is { } entries)
            kept.AddRange(entries);

        Assert.InRange(kept.Count, 40, 64);
        Assert.StartsWith("full", _spool.Obstacle, StringComparison.Ordinal);
        Assert.True(_spool.Figures.Bytes <= _bounds.BytesMax);
        foreach (var entry in kept)
            _spool.Settle(entry);
        await _spool.WorkAsync(null);

        Assert.Null(_spool.Obstacle);
        Assert.NotNull(await WriteAsync((0, 1000, "again")));
    }

    [Fact]
    public async Task DiskFull_IsTriedAgainAfterAPause()
    {
        _files.Room = _bounds.SegmentBytes;
        while (await WriteAsync((0, 1, new string('x', 1000))) is not null)
        {
            // the segment that has its room reserved
        }
        Assert.Contains("No space", _spool.Obstacle, StringComparison.Ordinal);
        Assert.False(_spool.NeedsWork);
        _files.Room = long.MaxValue;
        _time.Advance(_bounds.RetryPause);

        Assert.True(_spool.NeedsWork);
        await _spool.WorkAsync(null);

        Assert.Null(_spool.Obstacle);
        Assert.NotNull(await WriteAsync((0, 2, "b")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FailedWriteOrSync_IsNoSuccess_AndHarmsNothingBefore(bool isSync)
    {
        await WriteAsync((0, 1, "a"));
        if (isSync)
            _files.SyncsToFail = 1;
        else
            _files.WritesToFail = 1;

        Assert.Null(await WriteAsync((0, 2, "b")));
        _time.Advance(_bounds.RetryPause);
        Assert.NotNull(await WriteAsync((0, 3, "c")));
        CutPower();

        var recovered = _spool.TakeRecovered().Select(Read).ToList();
        Assert.Equal("a", recovered[0]);
        Assert.Equal("c", recovered[^1]);
    }

    [Fact]
    public async Task DamagedPart_IsSteppedOver_TheOthersAreRecovered_AndTheFileIsKeptAside()
    {
        var entries = await WriteAsync((0, 1, "aaaa"), (0, 2, "bbbb"), (0, 3, "cccc"));
        var name = entries![1].Segment.Name;
        CutPower(start: false);
        _files.Flip(name, entries[1].Offset + SpoolEntryHead.Length);

        _files.Start();
        _spool = Open();

        Assert.Equal(["aaaa", "cccc"], _spool.TakeRecovered().Select(Read));
        Assert.Contains(name + ".damaged-1", _spool.Figures.Warning, StringComparison.Ordinal);
        Assert.Contains(name + ".damaged-1", _files.Names);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task DamagedHead_OrHeader_HidesNothingBehindIt(int offset)
    {
        var entries = await WriteAsync((0, 1, "aaaa"), (0, 2, "bbbb"));
        CutPower(start: false);
        _files.Flip(entries![0].Segment.Name, offset == 0 ? 3 : entries[0].Offset + offset);

        _files.Start();
        _spool = Open();

        Assert.Equal(offset == 0 ? ["aaaa", "bbbb"] : ["bbbb"], _spool.TakeRecovered().Select(Read));
    }

    [Fact]
    public async Task PartDamagedWhileItWaits_IsGivenUpWithItsFileKept()
    {
        var entries = await WriteAsync((0, 1, "aaaa"));
        _files.Flip(entries![0].Segment.Name, entries[0].Offset + SpoolEntryHead.Length + 1);

        Assert.Equal(SpoolRead.Damaged, _spool.Read(entries[0], new byte[4]));
        _spool.GiveUp(entries[0]);

        Assert.Equal(1, _spool.Figures.EventsDamaged);
        Assert.Equal(0, _spool.Figures.WaitingParts);
        Assert.Contains(".damaged-1", _spool.Figures.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherCluster_IsRefused()
    {
        await WriteAsync((0, 1, "a"));
        await _spool.DisposeAsync();

        var refusal = Assert.Throws<SpoolException>(() => Open(new SpoolOwner(8, "party")));

        Assert.Contains("4 shards", refusal.Message, StringComparison.Ordinal);
        _spool = Open();
    }

    [Fact]
    public void SecondProcess_IsRefused() => Assert.ThrowsAny<IOException>(() => Open());

    [Fact]
    public async Task RandomPowerCuts_LoseNothingThatWasConfirmed()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var confirmed = new SortedSet<int>();
            var delivered = new HashSet<int>();
            var number = 0;
            for (var life = 0; life < 4; life++)
            {
                var waiting = _spool.TakeRecovered().ToDictionary(entry => int.Parse(Read(entry), provider: null));
                Assert.True(confirmed.Except(delivered).All(waiting.ContainsKey), $"seed {seed}: lost");
                for (var step = 0; step < 12; step++)
                {
                    if (random.Next(8) == 0)
                        _files.SyncsToFail = 1;
                    var parts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => (0, (long)++number, number.ToString(provider: null))).ToArray();
                    _time.Advance(TimeSpan.FromMilliseconds(random.Next(400)));
                    foreach (var entry in await WriteAsync(parts) ?? [])
                    {
                        confirmed.Add(int.Parse(Read(entry), provider: null));
                        waiting[int.Parse(Read(entry), provider: null)] = entry;
                    }
                    // In order, as a lane delivers.
                    foreach (var oldest in waiting.Keys.Order().Take(random.Next(4)).ToList())
                    {
                        _spool.Settle(waiting[oldest]);
                        waiting.Remove(oldest);
                        delivered.Add(oldest);
                    }
                }
                CutPower(random: random);
            }
            await _spool.DisposeAsync();
            foreach (var name in _files.Names.ToList())
                _files.Remove(name);
            _spool = Open();
        }
    }

    private EventSpool Open(SpoolOwner? owner = null) => EventSpool.Open(
        _files, _bounds, owner ?? Owner, Guid.NewGuid(), _time, NullLogger.Instance, static work =>
        {
            work();
            return Task.CompletedTask;
        });

    private void CutPower(bool start = true, Random? random = null)
    {
        _files.CutPower(random);
        if (!start)
            return;
        _files.Start();
        _spool = Open();
    }

    private async Task<IReadOnlyList<SpoolEntry>?> WriteAsync(params (int Shard, long Sequence, string Frames)[] parts)
    {
        using var group = new SpoolGroup();
        foreach (var (shard, sequence, frames) in parts)
            group.Add(shard, 1, sequence, Encoding.UTF8.GetBytes(frames));
        return await _spool.WorkAsync(group);
    }

    private string Read(SpoolEntry entry)
    {
        var frames = new byte[entry.FramesLength];
        Assert.Equal(SpoolRead.Whole, _spool.Read(entry, frames));
        return Encoding.UTF8.GetString(frames);
    }
}
