using System.Globalization;
using Divolte.Grains.Journal.Redis.Connecting;
using Divolte.Grains.Journal.Redis.State;
using Divolte.Grains.Journal.State;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Reading;

/// <summary>Keeps the progress of the sinks, and frees what all of them have passed.</summary>
internal sealed partial class RedisProgress(RedisConnection connection, RedisKeys keys, RedisStore store, QueueEnds ends, QueueTails tails, RedisJournalOptions options, ILogger logger)
{
    private const int LooksMax = 3;
    private const string SpillMark = "spill_mark";

    private readonly long[] _trimmed = new long[options.Parameters.Queues];

    public async ValueTask<SinkProgress?> ReadAsync(string sink, int queue, CancellationToken cancellationToken)
    {
        // Asked in this order, the claim is not newer than the progress: spill files are never taken to hold more than they did.
        var claim = connection.Reads.HashGetAsync(keys.Claims(queue), sink, CommandFlags.DemandMaster);
        var value = await connection.Reads.HashGetAsync(keys.Progress(queue), sink, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        return value.IsNull ? null : Parse(sink, queue, value, await claim);
    }

    /// <summary>Stores progress.</summary>
    /// <param name="progress">The progress.</param>
    /// <param name="mayGoBack">Whether it replaces one that is further.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="TimeoutException">The server has changed and cannot be looked at yet.</exception>
    public async ValueTask<ProgressOutcome> SaveAsync(SinkProgress progress, bool mayGoBack, CancellationToken cancellationToken)
    {
        var isListSent = false;
        for (var look = 0; look < LooksMax;)
        {
            var identity = store.Identity;
            var answer = await RedisScript.Progress.RunAsync(connection.Reads, keys.Prefix, Arguments(progress, mayGoBack, identity, isListSent)).WaitAsync(cancellationToken);
            switch (answer.ToString())
            {
                case "ok":
                    return ProgressOutcome.Stored;
                case "behind":
                    LogBehind(progress.Sink, progress.Queue, progress.Position.Offset);
                    return ProgressOutcome.Behind;
                case "stale":
                    LogStale(progress.Sink, progress.Queue, progress.Position.Offset);
                    return ProgressOutcome.Stale;
                case "files" when !isListSent:
                    isListSent = true; // it is long, and mostly the same as before
                    break;
                case "life" when await store.LookAgainAsync(identity):
                    look++;
                    break;
                default:
                    throw Changed();
            }
        }
        throw Changed();
    }

    /// <summary>See <see cref="IJournal.ClaimProgressAsync"/>.</summary>
    /// <exception cref="TimeoutException">The server has changed and cannot be looked at yet.</exception>
    public async ValueTask<SinkProgress?> ClaimAsync(string sink, int queue, long epochFloor, CancellationToken cancellationToken)
    {
        for (var look = 0; look < LooksMax; look++)
        {
            var identity = store.Identity;
            var claiming = RedisScript.Own.RunAsync(connection.Writes, keys.Prefix, [identity.Life, queue, sink, epochFloor]);
            await Replicas.WaitAsync(connection.Writes, claiming, options.Server).WaitAsync(cancellationToken);
            var answer = (RedisResult[])(await claiming)!;
            if (answer[0].ToString() == "ok")
            {
                var value = (byte[])answer[1]!;
                var progress = value.Length == 0 ? null : Parse(sink, queue, value, (byte[])answer[2]!);
                return progress?.Claim is { } claim ? progress with { Claim = claim with { Files = (byte[])answer[3]! } } : progress;
            }
            if (!await store.LookAgainAsync(identity))
                break;
        }
        throw Changed();
    }

    /// <summary>See <see cref="IJournal.AgreeOnSpillMarkAsync"/>.</summary>
    public async ValueTask<string?> AgreeOnSpillMarkAsync(string? proposed, CancellationToken cancellationToken)
    {
        if (proposed is not null)
            await connection.Writes.HashSetAsync(keys.Meta, SpillMark, proposed, When.NotExists).WaitAsync(cancellationToken);
        return await connection.Reads.HashGetAsync(keys.Meta, SpillMark, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
    }

    public async ValueTask<IReadOnlyList<SinkProgress>> ListAsync(CancellationToken cancellationToken)
    {
        var reads = Enumerable.Range(0, options.Parameters.Queues).Select(async queue =>
        {
            var claims = connection.Reads.HashGetAllAsync(keys.Claims(queue), CommandFlags.DemandMaster); // first, as in ReadAsync
            var entries = await connection.Reads.HashGetAllAsync(keys.Progress(queue), CommandFlags.DemandMaster);
            return (Entries: entries, Claims: (await claims).ToDictionary(claim => claim.Name, claim => claim.Value));
        });
        var found = await Task.WhenAll(reads).WaitAsync(cancellationToken);
        // Without a claim that can be read, everything behind the position is kept.
        return [.. found.SelectMany((hashes, queue) => hashes.Entries.Select(
            entry => StoredProgress.Parse(entry.Name.ToString(), queue, entry.Value, hashes.Claims.GetValueOrDefault(entry.Name))
                ?? StoredProgress.Parse(entry.Name.ToString(), queue, entry.Value, RedisValue.Null)).OfType<SinkProgress>())];
    }

    public async ValueTask ReleaseAsync(string sink, CancellationToken cancellationToken) =>
        await Task.WhenAll(Enumerable.Range(0, options.Parameters.Queues)
                .SelectMany(queue => new[] { keys.Progress(queue), keys.Claims(queue), keys.Spills(queue) })
                .Select(key => connection.Reads.HashDeleteAsync(key, sink)))
            .WaitAsync(cancellationToken);

    /// <summary>Removes what lies before the slowest progress of every queue. Several processes may do so at the same time.</summary>
    public async ValueTask TrimAsync(CancellationToken cancellationToken)
    {
        if (IsAllTrimmed())
            return; // an idle grid asks for nothing
        var floors = TrimFloors.Of(await ListAsync(cancellationToken), store.Identity.Incarnation, options.Parameters.Queues, options.RetainWithoutSinks);
        if (floors is null)
            return;
        for (var queue = 0; queue < floors.Length; queue++)
        {
            var floor = floors[queue] == long.MaxValue ? ends.Of(queue) : floors[queue];
            if (floor <= _trimmed[queue])
                continue;
            var next = (floor + 1).ToString(CultureInfo.InvariantCulture);
            await connection.Reads.ExecuteAsync("XTRIM", keys.Queue(queue), "MINID", "=", next).WaitAsync(cancellationToken);
            _trimmed[queue] = floor;
            ends.Trim(queue, floor);
            tails.Trim(queue, floor);
        }
    }

    private bool IsAllTrimmed()
    {
        for (var queue = 0; queue < ends.Count; queue++)
        {
            if (!ends.IsKnown(queue) || ends.Of(queue) > _trimmed[queue])
                return false;
        }
        return true;
    }

    /// <summary>Another store: what was trimmed there says nothing here.</summary>
    public void Forget() => Array.Clear(_trimmed);

    private static RedisValue[] Arguments(SinkProgress progress, bool mayGoBack, StoreIdentity identity, bool isListSent)
    {
        var arguments = new List<RedisValue>(12)
        {
            progress.Queue, progress.Sink, progress.Position.Incarnation, progress.Position.Offset, progress.Ledger, mayGoBack ? 1 : 0, progress.SpilledThrough,
        };
        if (progress.Claim is { } claim && !mayGoBack)
        {
            arguments.AddRange([identity.Life, claim.Epoch, claim.Version, claim.Bytes]);
            if (isListSent)
                arguments.Add(claim.Files);
        }
        return [.. arguments];
    }

    private static SinkProgress Parse(string sink, int queue, RedisValue value, RedisValue claim) =>
        StoredProgress.Parse(sink, queue, value, claim) ?? throw new InvalidDataException($"The stored progress of sink {sink} in queue {queue} cannot be read.");

    private static TimeoutException Changed() => new("Redis was restarted or failed over and cannot be looked at yet.");

    [LoggerMessage(EventIds.RedisProgressStale, LogLevel.Warning, "Progress of sink {Sink} in queue {Queue} up to {Offset} is not stored: another process has taken the queue over")]
    private partial void LogStale(string sink, int queue, long offset);

    [LoggerMessage(EventIds.RedisProgressBehind, LogLevel.Warning, "Progress of sink {Sink} in queue {Queue} up to {Offset} is not stored: another process is further")]
    private partial void LogBehind(string sink, int queue, long offset);
}
