using CsCheck;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Journal;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Spill;

/// <summary>A worker whose backlog is spilled: whatever happens in between, every acknowledged event reaches its destination, and the ledger balances.</summary>
public sealed class SpillHistoryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SinkThatIsAway_LetsTheJournalBeTrimmed()
    {
        await using var rig = await AwayAsync(events: 100);
        var before = rig.Journal.Segments.Count();

        await rig.Mover.MoveAsync(rig.Worker, long.MaxValue, Token);
        await rig.Journal.Journal.TrimAsync(Token);

        Assert.InRange(rig.Journal.Segments.Count(), 1, before - 2);
        Assert.True(rig.Worker.Spill!.Bytes > 100 * 300);
        Assert.Equal(rig.Worker.Spill.Bytes, rig.Worker.Describe(await rig.Journal.Journal.GetEndAsync(0, Token)).SpilledBytes);
        Assert.Equal(0, rig.Worker.EstimateJournalBytes(await rig.Journal.Journal.GetEndAsync(0, Token)));

        rig.Sink.Away = null;
        await rig.DeliverAsync();
        await rig.SettleAsync();
        await rig.Mover.ReleaseAsync(rig.Worker, Token);

        Assert.Equal(Enumerable.Range(0, 100).Select(IdOf), rig.Sink.Ids);
        Assert.Empty(rig.SpillFiles.Names);
        AssertBalance(await rig.LedgerAsync(), written: 100, lost: 0);
    }

    [Fact]
    public async Task DamagedEntry_IsCountedAsLost()
    {
        await using var rig = await AwayAsync(events: 50);
        await rig.Mover.MoveAsync(rig.Worker, long.MaxValue, Token);
        await rig.Journal.Journal.TrimAsync(Token);
        var name = rig.SpillFiles.Names.ElementAt(1);
        rig.SpillFiles.Flip(name, 300);

        await rig.KillAsync();
        rig.Sink.Away = null;
        await rig.DeliverAsync();
        await rig.SettleAsync();

        Assert.Equal(49, rig.Sink.Ids.Count);
        AssertBalance(await rig.LedgerAsync(), written: 49, lost: 1);
        Assert.Contains(rig.SpillFiles.Names, kept => kept.StartsWith(name + ".damaged", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task AnyHistory_DeliversWhatWasAcknowledged(bool isExactlyOnce) =>
        Gen.Int[0, int.MaxValue].SampleAsync(async seed =>
        {
            await using var history = new History(seed, isExactlyOnce);
            await history.RunAsync();
        }, iter: 60, threads: 2);

    private static string IdOf(int number) => number.ToString("D5", System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<SpillRig> AwayAsync(int events)
    {
        var rig = new SpillRig();
        rig.Sink.Away = "no route";
        await rig.StartAsync();
        for (var number = 0; number < events; number++)
            Assert.Equal(AppendStatus.Appended, await rig.Journal.AppendAsync(number % 8, IdOf(number), padding: 300));
        return rig;
    }

    private static void AssertBalance(Divolte.Grains.Interfaces.Operations.LedgerLine line, long written, long lost)
    {
        Assert.Equal(
            (written + lost, written, lost, 0L),
            (line.Accepted, line.Written, line.Ended.GetValueOrDefault(DropReason.Damaged), line.Pending));
    }

    private sealed class History(int seed, bool isExactlyOnce) : IAsyncDisposable
    {
        private readonly Random _random = new(seed);
        private readonly SpillRig _rig = new();
        private readonly List<string> _acknowledged = [];
        private int _number;
        private int _syncsLeft;

        public async Task RunAsync()
        {
            _rig.Sink.KeepsPositions = isExactlyOnce;
            await _rig.StartAsync();
            for (var step = _random.Next(5, 40); step > 0; step--)
            {
                if (_random.Next(4) == 0)
                    ArmPowerCut();
                try
                {
                    await StepAsync();
                }
                catch (Exception exception) when (exception is IOException or ObjectDisposedException or JournalException)
                {
                    // The power went; the next process goes on.
                }
                if (_syncsLeft < 0)
                    await RestartAsync();
                else
                    Disarm();
            }
            _rig.Sink.Away = null;
            await _rig.DeliverAsync();
            await _rig.SettleAsync();
            Check();
            var line = await _rig.LedgerAsync();
            Assert.Equal(0, line.Pending);
            Assert.Equal(line.Accepted, line.Written);
            Assert.Empty(line.Ended);
        }

        public ValueTask DisposeAsync() => _rig.DisposeAsync();

        private async Task StepAsync()
        {
            switch (_random.Next(8))
            {
                case 0 or 1:
                    await AppendAsync();
                    break;
                case 2 or 3:
                    await _rig.Mover.MoveAsync(_rig.Worker, _random.Next(1, 12_000), Token);
                    break;
                case 4:
                    _rig.Sink.Away = _rig.Sink.Away is null ? "no route" : null;
                    break;
                case 5:
                    await _rig.DeliverAsync();
                    if (_rig.Sink.Away is null && _syncsLeft == 0)
                        await _rig.SettleAsync();
                    break;
                case 6:
                    await _rig.Journal.Journal.TrimAsync(Token);
                    await _rig.Mover.ReleaseAsync(_rig.Worker, Token);
                    break;
                default:
                    await _rig.KillAsync();
                    break;
            }
        }

        private async Task AppendAsync()
        {
            for (var count = _random.Next(1, 20); count > 0; count--)
            {
                var id = IdOf(_number++);
                if (await _rig.Journal.AppendAsync(_random.Next(8), id, padding: _random.Next(400)) == AppendStatus.Appended)
                    _acknowledged.Add(id);
            }
        }

        /// <summary>One of the next syncs, of either disk, is the last thing that happens.</summary>
        private void ArmPowerCut()
        {
            _syncsLeft = _random.Next(1, 8);
            _rig.Journal.Files.Syncing = Count;
            _rig.SpillFiles.Syncing = Count;
        }

        private void Disarm()
        {
            _syncsLeft = 0;
            _rig.Journal.Files.Syncing = null;
            _rig.SpillFiles.Syncing = null;
        }

        private void Count()
        {
            lock (_random)
            {
                if (_syncsLeft > 0 && --_syncsLeft == 0)
                {
                    _syncsLeft = -1;
                    _rig.CutPower(_random);
                }
            }
        }

        private async Task RestartAsync()
        {
            Disarm();
            await _rig.RestartAsync();
        }

        /// <summary>Everything acknowledged is there, nothing overtook, and nothing is there twice where the destination keeps its position.</summary>
        private void Check()
        {
            var ids = _rig.Sink.Ids;
            Assert.Empty(_acknowledged.Except(ids));
            Assert.Equal(ids.Distinct().Order(StringComparer.Ordinal), ids.Distinct());
            if (isExactlyOnce)
                Assert.Equal(ids.Distinct(), ids);
        }
    }
}
