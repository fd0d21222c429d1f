using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Tests.Streaming;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Progress;

public sealed class ProgressKeeperTests
{
    private readonly ShiftedTime _time = new(DateTimeOffset.UnixEpoch.AddYears(50));

    [Fact]
    public async Task ClockSetBack_DelaysNoSave()
    {
        var ledger = LossLedger.Begin([]);
        using var keeper = new ProgressKeeper(
            new SinkProgress("files", 0, new JournalPosition(1, 0), default), ledger, new MemoryJournal(), _time, NullLogger.Instance);
        keeper.Move(new JournalPosition(1, 10), new BatchTally([]));
        Assert.Equal(TimeSpan.Zero, keeper.DueIn);
        await keeper.SaveAsync(TestContext.Current.CancellationToken);

        _time.Shift = TimeSpan.FromHours(-1);
        keeper.Move(new JournalPosition(1, 20), new BatchTally([]));

        Assert.InRange(keeper.DueIn!.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
    }
}
