using CsCheck;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Spill;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Progress;

public sealed class LossLedgerTests
{
    private static readonly string[] Mappings = ["first", "second"];
    private static readonly string[] Sources = ["browser", "json", "other"];

    [Fact]
    public void EventsBeforeTheStart_DoNotCount()
    {
        var ledger = LossLedger.Begin([new SourceCount("browser", 100)]);
        ledger.Join("first", _ => true);

        var line = Assert.Single(ledger.Lines([new SourceCount("browser", 103)]));

        Assert.Equal((3, 0, 3), (line.Accepted, line.Written, line.Pending));
    }

    [Fact]
    public void StoredLedger_SaysTheSameAfterARestart()
    {
        var ledger = LossLedger.Begin([new SourceCount("browser", 100)]);
        ledger.VoidBelowIncarnation = 7;
        ledger.Join("first", source => source == "browser");
        ledger.Enter(Tally(ledger, ("browser", DropReason.None), ("browser", DropReason.Unmappable), ("json", DropReason.DiscardedDuplicate)));
        SourceCount[] accepted = [new("browser", 105), new("json", 2)];

        var restored = LossLedger.Parse(ledger.Write(GridFormat.Latest));
        restored.Join("first", source => source == "browser");

        Assert.Equal(7, restored.VoidBelowIncarnation);
        Assert.Equivalent(ledger.Lines(accepted), restored.Lines(accepted), strict: true);
        Assert.Equal(ledger.CountPending(accepted), restored.CountPending(accepted));
    }

    [Fact]
    public void LedgerWithSpillFiles_SaysHowFarAfterARestart()
    {
        var ledger = LossLedger.Begin([]);
        ledger.Spilled = new SpillMark(12_345, [new SourceCount("browser", 7)]);

        var restored = LossLedger.Parse(ledger.Write(GridFormat.Latest));

        Assert.Equal(12_345, restored.Spilled.Through);
        Assert.Equal([new SourceCount("browser", 7)], restored.Spilled.Accepted);
    }

    [Fact]
    public void LedgerOfVersion1_IsRead()
    {
        var ledger = LossLedger.Begin([new SourceCount("browser", 100)]);
        ledger.Join("first", _ => true);
        ledger.Enter(Tally(ledger, ("browser", DropReason.None)));
        var stored = ledger.Write(GridFormat.Latest);
        var older = stored[..^9]; // version 1 ends before the mark: an offset and a count
        older[0] = 1;

        var restored = LossLedger.Parse(older);
        restored.Join("first", _ => true);

        SourceCount[] accepted = [new("browser", 105)];
        Assert.Equivalent(ledger.Lines(accepted), restored.Lines(accepted), strict: true);
        Assert.Equal(0, restored.Spilled.Through);
    }

    [Fact]
    public void MappingThatJoinsLater_CountsFromThere()
    {
        var ledger = LossLedger.Begin([]);
        ledger.Join("first", _ => true);
        ledger.Enter(Tally(ledger, ("browser", DropReason.None)));

        var restored = LossLedger.Parse(ledger.Write(GridFormat.Latest));
        restored.Join("first", _ => true);
        restored.Join("second", _ => true);

        var lines = restored.Lines([new SourceCount("browser", 3)]);
        Assert.Equal((3, 1, 2), (lines[0].Accepted, lines[0].Written, lines[0].Pending));
        Assert.Equal((2, 0, 2), (lines[1].Accepted, lines[1].Written, lines[1].Pending));
    }

    [Fact]
    public void SourceThatLeavesAMapping_KeepsWhatItBrought()
    {
        var ledger = LossLedger.Begin([]);
        ledger.Join("first", _ => true);
        ledger.Enter(Tally(ledger, ("browser", DropReason.None), ("json", DropReason.None)));

        var restored = LossLedger.Parse(ledger.Write(GridFormat.Latest));
        restored.Join("first", source => source == "browser");

        var line = Assert.Single(restored.Lines([new SourceCount("browser", 1), new SourceCount("json", 10)]));
        Assert.Equal((2, 2, 0), (line.Accepted, line.Written, line.Pending));
    }

    [Fact]
    public void DecidedStart_LeavesExactlyWhatIsPendingThere()
    {
        var ledger = LossLedger.Begin([]);
        ledger.Join("first", _ => true);
        ledger.Enter(Tally(ledger, ("browser", DropReason.None)));

        ledger.Rebase([new SourceCount("browser", 50)], new Dictionary<string, long> { ["browser"] = 4 });

        var line = Assert.Single(ledger.Lines([new SourceCount("browser", 51)]));
        Assert.Equal((6, 1, 5), (line.Accepted, line.Written, line.Pending));
    }

    [Fact]
    public void LedgerOfALaterFormat_IsRefused() =>
        Assert.Throws<InvalidDataException>(() => LossLedger.Parse(LossLedger.Begin([]).Write(GridFormat.Latest + 1)));

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 0, 0 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public void BytesThatAreNoLedgerOfThisVersion_AreRefused(byte[] stored) =>
        Assert.Throws<InvalidDataException>(() => LossLedger.Parse(stored));

    [Fact]
    public void AnyHistory_Balances() =>
        Gen.Select(Gen.Int[0, 2], Gen.Enum<DropReason>(), Gen.Int[0, 9]).Array[0, 60].Sample(history =>
        {
            var accepted = new Dictionary<string, long>();
            var ledger = LossLedger.Begin([]);
            foreach (var (number, reason, happens) in history)
            {
                var source = Sources[number];
                ledger.Join("first", taken => taken != "other");
                ledger.Join("second", taken => taken == "json");
                accepted[source] = accepted.GetValueOrDefault(source) + 1;
                if (happens >= 2) // else it stays pending
                    ledger.Enter(Tally(ledger, (source, reason)));
                if (happens == 9)
                    ledger = LossLedger.Parse(ledger.Write(GridFormat.Latest));
            }
            ledger.Join("first", taken => taken != "other");
            ledger.Join("second", taken => taken == "json");

            Assert.All(ledger.Lines([.. accepted.Select(count => new SourceCount(count.Key, count.Value))]), AssertBalance);
        });

    private static void AssertBalance(LedgerLine line) => Assert.Equal(line.Accepted, line.Written + line.Ended.Values.Sum() + line.Pending);

    /// <summary>What a batch of these events comes to when <c>first</c> takes all but <c>other</c>, and <c>second</c> takes <c>json</c> if it has joined.</summary>
    private static BatchTally Tally(LossLedger ledger, params (string Source, DropReason Reason)[] events)
    {
        var joined = ledger.Lines([]).Select(line => line.Mapping).ToHashSet();
        var tally = new BatchTally(Mappings);
        foreach (var (source, reason) in events)
        {
            tally.Pass(ledger.IndexOf(source));
            for (var mapping = 0; mapping < Mappings.Length; mapping++)
            {
                if (!joined.Contains(Mappings[mapping]) || source == "other" || (mapping == 1 && source != "json"))
                    continue;
                if (reason == DropReason.None)
                    tally.Write(mapping);
                else
                    tally.End(mapping, reason);
            }
        }
        return tally;
    }
}
