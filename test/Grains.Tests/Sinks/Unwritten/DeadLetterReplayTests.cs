using System.Text;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;
using Divolte.Grains.Mapping;
using Divolte.Grains.Schemas;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Unwritten;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Unwritten;

public sealed class DeadLetterReplayTests : IDisposable
{
    private const string Sink = "sink";
    private static readonly DateTimeOffset Kept = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("divolte-replay-");
    private readonly List<SortedLetter> _sorted = [];

    private string Letters => Path.Combine(_root.FullName, "letters");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Letter_GoesBackForItsMappingAloneAndItsFileIsSetAside()
    {
        await KeepAsync(Letter("a", "good"), Letter("b", "good"));

        await ReplayAsync();

        Assert.Equal(["a", "b"], await AppendedAsync("replay>sink>good>browser"));
        Assert.Empty(DeadLetterFiles.List(Letters, Sink));
        Assert.Equal(2, (await ReadAsync(Assert.Single(Directory.GetFiles(Letters, "*.replayed-*")))).Count);
    }

    [Fact]
    public async Task SecondReplay_FindsNothing()
    {
        await KeepAsync(Letter("a", "good"));
        await ReplayAsync();

        await ReplayAsync();

        Assert.Equal(["a"], await AppendedAsync("replay>sink>good>browser"));
    }

    [Fact]
    public async Task LetterThatFailsAgain_StaysWithTheNewReason()
    {
        await KeepAsync(Letter("a", "bad", "an old reason"), Letter("b", "good"), Letter("c", "gone", "an old reason"));

        await ReplayAsync();

        var staying = await ReadAsync(Assert.Single(DeadLetterFiles.List(Letters, Sink)).FullName);
        Assert.Equal([("a", "still no number", 1), ("c", "an old reason", 0)], staying.Select(letter => (IdOf(letter.Frame), letter.Explanation, letter.Replays)));
        Assert.Equal(Kept, staying[0].Time);
        Assert.Equal([ReplayFate.FailsAgain, ReplayFate.Replayed, ReplayFate.NoMapping], _sorted.Select(sorted => sorted.Fate));
    }

    [Theory]
    [InlineData(null, null, "a b c")]
    [InlineData("good", null, "a b")]
    [InlineData(null, "refused", "b c")]
    [InlineData(null, "TOO large", "b")]
    [InlineData("good", "refused", "b")]
    [InlineData("other", "no such reason", "")]
    public async Task Filter_ChoosesByMappingAndReason(string? mapping, string? reason, string expected)
    {
        await KeepAsync(
            Letter("a", "good", "field x: no number", reason: DropReason.Unmappable),
            Letter("b", "good", "message too large", reason: DropReason.Refused),
            Letter("c", "other", "invalid record", reason: DropReason.Refused));

        await ReplayAsync(new DeadLetterFilter(mapping, reason));

        Assert.Equal(expected, string.Join(' ', (await AppendedAsync()).Order()));
        Assert.Equal(3 - expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, (await StayingAsync()).Count);
    }

    [Fact]
    public async Task LookingOnly_ChangesNothing()
    {
        await KeepAsync(Letter("a", "good"), Letter("b", "bad"));
        var before = Snapshot();

        foreach (var file in DeadLetterFiles.List(Letters, Sink))
            new ReplayStaging(Sorter(new()), _sorted.Add).Look(file);

        Assert.Equal([ReplayFate.Replayed, ReplayFate.FailsAgain], _sorted.Select(sorted => sorted.Fate));
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task LineThatIsNoLetter_StaysAsItIs()
    {
        await KeepAsync(Letter("a", "good"));
        var file = Assert.Single(DeadLetterFiles.List(Letters, Sink)).FullName;
        await File.AppendAllTextAsync(file, """{"version":2,"of":"a later build"}""" + "\n", Token);

        await ReplayAsync();

        Assert.Equal("""{"version":2,"of":"a later build"}""" + "\n", await File.ReadAllTextAsync(file, Token));
    }

    [Fact]
    public async Task LetterKeptTwiceByACrash_GoesBackOnce()
    {
        await KeepAsync(Letter("a", "good"), Letter("a", "good"));

        await ReplayAsync();

        Assert.Equal(["a"], await AppendedAsync());
        Assert.Empty(await StayingAsync());
    }

    [Fact]
    public async Task ReplayCutShortBetweenTwoWrites_GoesOnWithoutRepeatingOne()
    {
        var ids = Enumerable.Range(0, 1300).Select(number => $"e{number:D4}").ToList();
        await KeepAsync([.. ids.Select(id => Letter(id, "good", party: $"0:party{id[^1]}"))]);
        using (var cut = new CancellationTokenSource())
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReplayAsync(cut: cut));
        var before = (await AppendedAsync()).Count;

        await ReplayAsync();

        Assert.InRange(before, 1, ids.Count - 1);
        Assert.Equal(ids, (await AppendedAsync()).Order());
    }

    [Fact]
    public async Task ReplayThatAnotherOneOvertakes_EndsAndSaysWhy()
    {
        var ids = Enumerable.Range(0, 1300).Select(number => $"e{number:D4}").ToList();
        await KeepAsync([.. ids.Select(id => Letter(id, "good"))]);
        Assert.True(new ReplayStaging(Sorter(new()), _sorted.Add).Part(Assert.Single(DeadLetterFiles.List(Letters, Sink))));
        await using (var journal = OpenJournal())
        {
            var first = new DeadLetterReplay(journal);
            void Overtake(int letters)
            {
                for (var shard = 0; shard < journal.Parameters.Shards; shard++)
                    _ = journal.ClaimAsync(shard, Token).AsTask();
            }

            var end = await Assert.ThrowsAsync<JournalException>(
                () => first.RunAsync(Assert.Single(DeadLetterFiles.ListReplaying(Letters, Sink)), Overtake, Token));

            Assert.Contains("another replay has begun", end.Message, StringComparison.Ordinal);
        }

        await ReplayAsync();

        Assert.Equal(ids, (await AppendedAsync()).Order());
    }

    [Fact]
    public async Task ReplayCutShortWhenAFileWasParted_KnowsTheCopies()
    {
        await KeepAsync(Letter("a", "good"), Letter("b", "bad"));
        var file = Assert.Single(DeadLetterFiles.List(Letters, Sink));
        var whole = await File.ReadAllTextAsync(file.FullName, Token);
        Assert.True(new ReplayStaging(Sorter(new()), _sorted.Add).Part(file));
        await File.WriteAllTextAsync(file.FullName, whole, Token); // as if the process had ended before the file lost what went

        await ReplayAsync();

        Assert.Equal(["a"], await AppendedAsync());
        Assert.Equal(["b"], (await StayingAsync()).Select(letter => IdOf(letter.Frame)));
    }

    [Fact]
    public async Task ReplayCutShortWhileItStaged_LeavesNothing()
    {
        await KeepAsync(Letter("a", "good"));
        var file = Assert.Single(DeadLetterFiles.List(Letters, Sink)).FullName;
        await File.WriteAllTextAsync(file + ".new", "half a li", Token);
        await File.WriteAllTextAsync($"{file}{DeadLetterFiles.ReplayingExtension}{Guid.NewGuid():N}.new", await File.ReadAllTextAsync(file, Token), Token);

        await ReplayAsync();

        Assert.Equal(["a"], await AppendedAsync());
        Assert.Empty(Directory.GetFiles(Letters, "*.new"));
    }

    [Fact]
    public async Task FileThatAnotherProcessWrites_IsLeftToIt()
    {
        await using var writer = new DeadLetters(Sink, Letters, TimeProvider.System, NullLogger<DeadLetters>.Instance);
        await writer.KeepAsync([Letter("a", "good")], Token);

        Assert.False(new ReplayStaging(Sorter(new()), _sorted.Add).Part(Assert.Single(DeadLetterFiles.List(Letters, Sink))));
        Assert.Single(await StayingAsync());
    }

    [Fact]
    public async Task ReplayedLetterThatIsReplayedAgain_KeepsTheNameOfItsSource()
    {
        var frame = EventFrame.WithSource(AFrame.Of("a"), ReplaySource.NameOf(Sink, "good", "browser"u8));
        await KeepAsync(Letter("a", "good") with { Frame = frame });

        await ReplayAsync();

        Assert.Equal(["a"], await AppendedAsync("replay>sink>good>browser"));
    }

    [Theory]
    [InlineData("browser", "browser")]
    [InlineData("replay>s>m>browser", "browser")]
    [InlineData("replay>s>m>odd>name", "odd>name")]
    [InlineData("replay>browser", "replay>browser")]
    public void Source_TellsWhereTheEventCameFrom(string source, string original) =>
        Assert.Equal(original, Encoding.UTF8.GetString(ReplaySource.OriginalOf(Encoding.UTF8.GetBytes(source))));

    [Fact]
    public void SourceNames_OfSinksAndMappingsThatBeginAlikeAreApart()
    {
        var prefixes = new[] { ("a", "b"), ("a>b", "c"), ("a", "b>c"), ("a>", "b") }.Select(pair => Encoding.UTF8.GetString(ReplaySource.PrefixOf(pair.Item1, pair.Item2))).ToList();

        Assert.All(prefixes, prefix => Assert.Single(prefixes, other => other.StartsWith(prefix, StringComparison.Ordinal)));
    }

    private async Task ReplayAsync(DeadLetterFilter? filter = null, CancellationTokenSource? cut = null)
    {
        _sorted.Clear();
        await using var journal = OpenJournal();
        var sorter = Sorter(filter ?? new DeadLetterFilter());
        foreach (var left in DeadLetterFiles.ListReplaying(Letters, Sink))
        {
            foreach (var letter in await ReadAsync(left.FullName))
                sorter.MarkReplayed(letter.Key);
        }
        foreach (var file in DeadLetterFiles.List(Letters, Sink))
            Assert.True(new ReplayStaging(sorter, _sorted.Add).Part(file));
        var replay = new DeadLetterReplay(journal);
        foreach (var replaying in DeadLetterFiles.ListReplaying(Letters, Sink))
            await replay.RunAsync(replaying, _ => cut?.Cancel(), cut?.Token ?? Token);
    }

    private LocalJournal OpenJournal() => LocalJournal.Open(
        new LocalJournalOptions { DataDirectory = Path.Combine(_root.FullName, "data"), Parameters = new JournalParameters(8, 2, "party") },
        TimeProvider.System,
        NullLogger<LocalJournal>.Instance);

    /// <summary>The ids of all events in the journal that come from a source, or from any.</summary>
    private async Task<List<string>> AppendedAsync(string? source = null)
    {
        await using var journal = OpenJournal();
        var ids = new List<string>();
        for (var queue = 0; queue < 2; queue++)
        {
            var position = new JournalPosition(journal.Incarnation, 0);
            while (await journal.ReadAsync(queue, position, 1 << 20, Token) is { Entries.Count: > 0 } page)
            {
                foreach (var entry in page.Entries)
                {
                    var frame = EventFrameReader.Parse(entry.Frames.Span);
                    if (source is null || Encoding.UTF8.GetString(frame[FrameSlot.Source]) == source)
                        ids.Add(IdOf(entry.Frames));
                }
                position = page.Next;
            }
        }
        return ids;
    }

    private static DeadLetterSorter Sorter(DeadLetterFilter filter) => new([Mapping("good"), Mapping("other"), Mapping("bad")], filter);

    private static SinkMapping Mapping(string name) => new(
        new MappingSchema(name, "{}", null),
        static _ => true,
        (in EventFrameReader _, FrameBuffer _) => name == "bad" ? new MapOutcome(DropReason.Unmappable, "still no number") : MapOutcome.Mapped);

    private async Task KeepAsync(params DeadLetter[] kept)
    {
        await using var letters = new DeadLetters(Sink, Letters, TimeProvider.System, NullLogger<DeadLetters>.Instance);
        await letters.KeepAsync(kept, Token);
    }

    private async Task<List<DeadLetter>> StayingAsync()
    {
        var staying = new List<DeadLetter>();
        foreach (var file in DeadLetterFiles.List(Letters, Sink))
            staying.AddRange(await ReadAsync(file.FullName));
        return staying;
    }

    private static async Task<List<DeadLetter>> ReadAsync(string path)
    {
        var letters = new List<DeadLetter>();
        await foreach (var letter in DeadLetterFiles.ReadAsync(new FileInfo(path), Token))
            letters.Add(letter);
        return letters;
    }

    private List<string> Snapshot() => [.. Directory.GetFiles(Letters).Order().Select(file => $"{file}: {File.ReadAllText(file)}")];

    private static DeadLetter Letter(string id, string mapping, string explanation = "", DropReason reason = DropReason.Unmappable, string party = "0:party") =>
        new(Kept, Sink, mapping, reason, explanation, 0, new JournalPosition(1, 1), 0, AFrame.Of(id, party));

    private static string IdOf(ReadOnlyMemory<byte> frame) => Encoding.UTF8.GetString(EventFrameReader.Parse(frame.Span)[FrameSlot.EventId]);
}
