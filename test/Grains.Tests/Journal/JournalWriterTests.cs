using Divolte.Grains.Journal;
using Divolte.TestKit.Journal;
using Divolte.TestKit.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Grains.Tests.Journal;

public sealed class JournalWriterTests
{
    [Fact]
    public async Task ClaimsWhileAppendsAreWritten_EachRunsOnce()
    {
        const int threads = 4, claimsOfEach = 500;
        using var folder = new TemporaryFolder();
        await using var journal = LocalJournal.Open(
            new LocalJournalOptions { DataDirectory = folder.Path, Parameters = new JournalParameters(4, 2, "party"), SegmentBytes = 1 << 20 },
            TimeProvider.System,
            NullLogger<LocalJournal>.Instance);
        var token = TestContext.Current.CancellationToken;
        var appendingShard = await journal.ClaimAsync(1, token);
        var before = (await journal.ClaimAsync(0, token)).Epoch; // epochs are counted over all shards

        using var claiming = CancellationTokenSource.CreateLinkedTokenSource(token);
        var appending = AppendUntilAsync(journal, appendingShard, claiming.Token);
        var claims = await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(async () =>
        {
            var epochs = new List<long>();
            for (var claim = 0; claim < claimsOfEach; claim++)
                epochs.Add((await journal.ClaimAsync(0, token)).Epoch);
            return epochs;
        }, token)));

        await claiming.CancelAsync();
        await appending;
        Assert.Equal(Enumerable.Range(1, threads * claimsOfEach).Select(step => before + step), claims.SelectMany(epochs => epochs).Order());
    }

    private static async Task AppendUntilAsync(LocalJournal journal, ShardClaim claim, CancellationToken end)
    {
        for (var sequence = 1; !end.IsCancellationRequested; sequence++)
            await journal.AppendAsync(AnAppend.Of(claim, 1, sequence, $"event-{sequence}"), CancellationToken.None);
    }
}
