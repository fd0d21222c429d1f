using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Spill;
using Divolte.TestKit.Journal;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Spill;

public sealed class SpillQueueTests
{
    private const long FileBytes = 1500;
    private const int EntryOffset = 1000;

    private readonly PowerCutFiles _files = new();

    [Fact]
    public async Task Entries_AreReadBackFromAnyOfTheirPositions()
    {
        var spill = Filled(30);

        for (var from = 0; from < 30; from++)
            Assert.Equal(Ids(from, 30), await ReadIdsAsync(spill, from));
        Assert.Null(await spill.ReadAsync(At(30), 1000, Token));
        Assert.Equal(new SourceCount(AFrame.Browser, 30), Assert.Single(spill.Mark.Accepted));
    }

    [Fact]
    public async Task Files_AreBoundedAndGoWhenTheyArePassed()
    {
        var spill = Filled(30);
        var before = Names.Count;
        Assert.InRange(before, 3, 30);
        Assert.All(Names, name => Assert.InRange(_files.Content(name).Length, 1, FileBytes));

        spill.Release(15 * EntryOffset);

        Assert.InRange(Names.Count, 1, before - 1);
        Assert.Equal(Ids(15, 30), await ReadIdsAsync(spill, 15));
        spill.Release(30 * EntryOffset);
        Assert.Empty(Names);
        Assert.Equal(0, spill.Bytes);
    }

    [Fact]
    public async Task NextProcess_ReadsOnAndAppends()
    {
        var first = Filled(10);

        var second = Open(0, first.Mark);
        second.Append(Entries(10, 20));

        Assert.Equal(Ids(0, 20), await ReadIdsAsync(second, 0));
    }

    [Fact]
    public async Task FilesThatNoStoredProgressSpeaksOf_AreRemoved()
    {
        Filled(10);

        var spill = Open(4, SpillMark.None);

        Assert.Empty(Names);
        Assert.Null(await spill.ReadAsync(At(4), 1000, Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(70)]
    [InlineData(400)]
    [InlineData(2000)]
    public async Task DamagedEntry_IsTheOnlyOneThatIsLost(int place)
    {
        var mark = Filled(30).Mark;
        _files.Flip(Names[1], Math.Min(place, _files.Content(Names[1]).Length - 20));
        var damaged = Names[1];

        var entries = await ReadAsync(Open(0, mark), 0);

        var lost = Assert.Single(entries, entry => entry.AcceptedThrough is not null);
        var whole = entries.Where(entry => entry.AcceptedThrough is null).SelectMany(AnAppend.EventIds).ToList();
        Assert.Equal(29, whole.Count);
        Assert.Equal(whole, Ids(0, 30).Intersect(whole));
        var missing = Ids(0, 30).Except(whole).Single();
        Assert.Equal(int.Parse(missing, System.Globalization.CultureInfo.InvariantCulture) + 1, Assert.Single(lost.AcceptedThrough!).Events);
        Assert.Equal(30 * EntryOffset, entries[^1].Position.Offset);
        Assert.Contains(_files.Names, name => name.StartsWith(damaged + ".damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DamageAtTheVeryEnd_IsSeenByWhatTheProgressSays()
    {
        var mark = Filled(30).Mark;
        _files.Truncate(Names[^1], _files.Content(Names[^1]).Length - 1);

        var entries = await ReadAsync(Open(0, mark), 0);

        Assert.Equal(Ids(0, 29), entries.SelectMany(AnAppend.EventIds));
        Assert.Equal(30, Assert.Single(entries[^1].AcceptedThrough!).Events);
        Assert.Equal(30 * EntryOffset, entries[^1].Position.Offset);
    }

    [Fact]
    public async Task FileThatIsGone_IsLostAsAWhole()
    {
        var mark = Filled(30).Mark;
        _files.Remove(Names[1]);

        var entries = await ReadAsync(Open(0, mark), 0);

        Assert.Single(entries, entry => entry.AcceptedThrough is not null);
        Assert.Equal("0029", entries.SelectMany(AnAppend.EventIds).Last());
    }

    [Fact]
    public void FilesOfAnotherIncarnation_AreKeptAside()
    {
        var mark = Filled(30).Mark;
        var count = Names.Count;

        var spill = SpillQueue.Open(_files, 0, new JournalPosition(2, 0), mark with { Through = 0 }, () => { }, NullLogger.Instance, FileBytes);

        Assert.Equal(0, spill.Bytes);
        Assert.Equal(count, _files.Names.Count(name => name.EndsWith(".foreign", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task DiskThatFails_LeavesWhatWasThere()
    {
        var spill = Filled(10);

        _files.WritesToFail = 1;
        Assert.Throws<IOException>(() => spill.Append(Entries(10, 12)));
        _files.SyncsToFail = 1;
        Assert.Throws<IOException>(() => spill.Append(Entries(10, 12)));

        Assert.Equal(Ids(0, 10), await ReadIdsAsync(spill, 0));
        spill.Append(Entries(10, 20));
        Assert.Equal(Ids(0, 20), await ReadIdsAsync(spill, 0));
        Assert.Equal(Ids(0, 20), await ReadIdsAsync(Open(0, spill.Mark), 0));
    }

    [Fact]
    public async Task PowerCutAtAnyStep_LosesNothingThatWasReported()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var files = new PowerCutFiles();
            var spill = SpillQueue.Open(files, 0, At(0), SpillMark.None, () => { }, NullLogger.Instance, FileBytes);
            spill.Begin(At(0), []);
            var reported = spill.Mark;
            var left = random.Next(1, 12);
            files.Syncing = () =>
            {
                if (--left == 0)
                    files.CutPower(random);
            };
            var next = 0;
            try
            {
                while (true)
                {
                    var count = random.Next(1, 6);
                    spill.Append(Entries(next, next + count));
                    next += count;
                    reported = spill.Mark;
                }
            }
            catch (IOException)
            {
                files.Syncing = null;
                files.Start();
            }

            var again = SpillQueue.Open(files, 0, At(0), reported, () => { }, NullLogger.Instance, FileBytes);

            Assert.Equal(reported.Through, again.Mark.Through);
            if (again.Mark.Through > 0)
                Assert.Equal(Ids(0, (int)(again.Mark.Through / EntryOffset)), await ReadIdsAsync(again, 0));
            Assert.DoesNotContain(files.Names, name => name.Contains("damaged", StringComparison.Ordinal));
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private List<string> Names => [.. _files.Names.Where(name => name.EndsWith(".spill", StringComparison.Ordinal))];

    private static JournalPosition At(int number) => new(1, number * EntryOffset);

    private SpillQueue Open(int at, SpillMark mark) => SpillQueue.Open(_files, 0, At(at), mark, () => { }, NullLogger.Instance, FileBytes);

    private SpillQueue Filled(int count)
    {
        var spill = Open(0, SpillMark.None);
        spill.Begin(At(0), []);
        for (var first = 0; first < count; first += 5)
            spill.Append(Entries(first, Math.Min(first + 5, count)));
        return spill;
    }

    private static List<string> Ids(int from, int to) =>
        [.. Enumerable.Range(from, to - from).Select(number => number.ToString("D4", System.Globalization.CultureInfo.InvariantCulture))];

    private static List<JournalEntry> Entries(int from, int to) =>
        [.. Enumerable.Range(from, to - from).Select(number => new JournalEntry(At(number + 1), 0, DateTimeOffset.UnixEpoch, 1, AFrame.Of(Ids(number, number + 1)[0])))];

    private static async Task<List<JournalEntry>> ReadAsync(SpillQueue spill, int from)
    {
        var entries = new List<JournalEntry>();
        for (var after = At(from); await spill.ReadAsync(after, 700, Token) is { } page; after = page.Next)
        {
            Assert.NotEmpty(page.Entries);
            entries.AddRange(page.Entries);
        }
        return entries;
    }

    private static async Task<List<string>> ReadIdsAsync(SpillQueue spill, int from)
    {
        var entries = await ReadAsync(spill, from);
        Assert.All(entries, entry => Assert.Null(entry.AcceptedThrough));
        return [.. entries.SelectMany(AnAppend.EventIds)];
    }
}
