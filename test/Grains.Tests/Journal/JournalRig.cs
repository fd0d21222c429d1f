using Divolte.Grains.Journal;
using Divolte.TestKit;
using Divolte.TestKit.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Grains.Tests.Journal;

/// <summary>A journal over a directory in memory whose power can be cut, on a clock that the test advances.</summary>
internal sealed class JournalRig : IAsyncDisposable
{
    private readonly Dictionary<int, ShardClaim> _claims = [];
    private long _sequence;
    private LocalJournal? _journal;

    public PowerCutFiles Files { get; } = new();

    public ShiftedTime Time { get; } = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    public LocalJournalOptions Options { get; set; } = new()
    {
        DataDirectory = "memory",
        Parameters = new JournalParameters(8, 4, "party"),
        SegmentBytes = 16 * 1024,
        TailCacheBytes = 1,
    };

    public LocalJournal Journal => _journal ?? Open();

    public LocalJournal Open() => _journal = LocalJournal.Open(Files, Options, Time, NullLogger.Instance);

    /// <summary>Stops in good order and opens again.</summary>
    public async Task ReopenAsync()
    {
        await Journal.DisposeAsync();
        _claims.Clear();
        Open();
    }

    /// <summary>Cuts the power under the open journal and opens again.</summary>
    public async Task CutPowerAsync(Random? chance = null)
    {
        Files.CutPower(chance);
        await RestartAsync();
    }

    /// <summary>Ends the process, but not the system, and opens again.</summary>
    public async Task KillAsync()
    {
        Files.KillProcess();
        await RestartAsync();
    }

    public async Task<ShardClaim> ClaimAsync(int shard)
    {
        if (!_claims.TryGetValue(shard, out var claim))
            _claims[shard] = claim = await Journal.ClaimAsync(shard, CancellationToken.None);
        return claim;
    }

    /// <summary>The shard is claimed anew before the next append.</summary>
    public void Forget(int shard) => _claims.Remove(shard);

    /// <summary>Starts an append of one event; queued for the writer when this returns.</summary>
    public async Task<Task<AppendOutcome>> StartAsync(int shard, string eventId, int padding = 0)
    {
        var claim = await ClaimAsync(shard);
        return Journal.AppendAsync(AnAppend.Of(claim.Epoch, shard, ++_sequence, [AFrame.Of(eventId, padding: padding)]), CancellationToken.None).AsTask();
    }

    public async Task<AppendStatus> AppendAsync(int shard, string eventId, int padding = 0) => (await await StartAsync(shard, eventId, padding)).Status;

    public Task<List<string>> ReadAsync(int queue) => AnAppend.ReadIdsAsync(Journal, queue);

    /// <summary>Confirms everything that is in a queue now.</summary>
    public async Task ConfirmAsync(int queue, string sink = "sink") =>
        await Journal.SaveProgressAsync(new SinkProgress(sink, queue, (await Journal.GetEndAsync(queue, CancellationToken.None)).Position, default), CancellationToken.None);

    public async Task ConfirmAllAsync(string sink = "sink")
    {
        for (var queue = 0; queue < Options.Parameters.Queues; queue++)
            await ConfirmAsync(queue, sink);
    }

    public IEnumerable<string> Segments => Files.Names.Where(name => name.EndsWith(".segment", StringComparison.Ordinal));

    public IEnumerable<string> Summaries => Files.Names.Where(name => name.EndsWith(".summary", StringComparison.Ordinal));

    public IEnumerable<string> Damaged => Files.Names.Where(name => name.Contains(".damaged-", StringComparison.Ordinal));

    /// <summary>Runs what runs every second.</summary>
    public void Tick() => Time.Advance(TimeSpan.FromSeconds(1));

    /// <summary>Opens again what a kill or a power cut has left.</summary>
    public async Task RestartAsync()
    {
        await Journal.DisposeAsync();
        Files.Start();
        _claims.Clear();
        Open();
    }

    public async ValueTask DisposeAsync()
    {
        if (_journal is not null)
            await _journal.DisposeAsync();
    }
}
