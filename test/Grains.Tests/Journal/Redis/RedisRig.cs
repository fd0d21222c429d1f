using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.Grains.Journal.Redis;
using Divolte.TestKit;
using Divolte.TestKit.Journal;
using Divolte.TestKit.Processes;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Tests.Journal.Redis;

/// <summary>Several journals over one cluster in Redis, as several silos have them.</summary>
internal sealed class RedisRig(string connection) : IAsyncDisposable
{
    public static readonly JournalParameters Parameters = new(8, 4, "party");

    private readonly List<RedisJournal> _journals = [];
    private readonly Dictionary<(RedisJournal Journal, int Shard), ShardClaim> _claims = [];
    private long _sequence;

    public string Cluster { get; } = Guid.NewGuid().ToString("N");

    public RedisOptions Server { get; set; } = new();

    public RedisJournalOptions Options => new()
    {
        Connection = connection,
        Cluster = Cluster,
        Parameters = Parameters,
        Server = Server,
        CommandTimeout = TimeSpan.FromSeconds(1),
        LookPeriod = TimeSpan.FromMilliseconds(100),
    };

    /// <summary>What the journals logged.</summary>
    public LogLines Log { get; } = new();

    public async Task<RedisJournal> OpenAsync(RedisJournalOptions? options = null)
    {
        var journal = await RedisJournal.OpenAsync(options ?? Options, TimeProvider.System, Log);
        _journals.Add(journal);
        return journal;
    }

    public async Task<ShardClaim> ClaimAsync(RedisJournal journal, int shard) =>
        _claims[(journal, shard)] = await journal.ClaimAsync(shard, CancellationToken.None);

    /// <summary>Starts an append of one event under the last claim.</summary>
    public async Task<AppendStatus> AppendAsync(RedisJournal journal, int shard, string eventId, int padding = 0)
    {
        if (!_claims.TryGetValue((journal, shard), out var claim))
            claim = await ClaimAsync(journal, shard);
        var append = AnAppend.Of(claim.Epoch, shard, ++_sequence, [AFrame.Of(eventId, padding: padding)]);
        return (await journal.AppendAsync(append, CancellationToken.None)).Status;
    }

    /// <summary>Tries until an append is taken, claiming anew whenever the outcome is unknown or the epoch stale, as a shard does.</summary>
    public async Task AppendUntilTakenAsync(RedisJournal journal, int shard, string eventId)
    {
        var last = "";
        for (var attempt = 0; attempt < 1500; attempt++)
        {
            try
            {
                var status = await AppendAsync(journal, shard, eventId);
                if (status == AppendStatus.Appended)
                    return;
                last = status.ToString();
                if (status is AppendStatus.Unknown or AppendStatus.StaleEpoch)
                    await ClaimAsync(journal, shard);
            }
            catch (Exception trouble) when (Grains.Journal.Redis.Connecting.RedisTroubles.IsTrouble(trouble))
            {
                last = trouble.Message;
            }
            await Task.Delay(20);
        }
        throw new TimeoutException($"Event {eventId} was not taken within thirty seconds; last: {last}. Log:\n{Log}");
    }

    /// <summary>The ids in all queues. Read again while the server cannot be reached, as a sink's reader does: connections come back one by one.</summary>
    public static async Task<List<string>> ReadAllAsync(IJournal journal)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var ids = new List<string>();
                for (var queue = 0; queue < journal.Parameters.Queues; queue++)
                    ids.AddRange(await AnAppend.ReadIdsAsync(journal, queue));
                return ids;
            }
            catch (Exception trouble) when (attempt < 500 && Grains.Journal.Redis.Connecting.RedisTroubles.IsTrouble(trouble))
            {
                await Task.Delay(20);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var journal in _journals)
            await journal.DisposeAsync();
    }
}
