using System.Globalization;
using Divolte.Grains.Journal.Redis.Connecting;
using Divolte.Grains.Journal.Redis.State;
using Divolte.Grains.Journal.State;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Reading;

/// <summary>Keeps the progress of the sinks, and frees what all of them have passed.</summary>
internal sealed partial class RedisProgress(RedisConnection connection, RedisKeys keys, RedisStore store, QueueEnds ends, RedisJournalOptions options, ILogger logger)
{
    private readonly long[] _trimmed = new long[options.Parameters.Queues];

    public async ValueTask<SinkProgress?> ReadAsync(string sink, int queue, CancellationToken cancellationToken)
    {
        var value = await connection.Reads.HashGetAsync(keys.Progress(queue), sink, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        return value.IsNull ? null : StoredProgress.Parse(sink, queue, value) ?? throw new InvalidDataException($"The stored progress of sink {sink} in queue {queue} cannot be read.");
    }

    /// <summary>Stores progress.</summary>
    /// <param name="progress">The progress.</param>
    /// <param name="mayGoBack">Whether it replaces one that is further.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async ValueTask SaveAsync(SinkProgress progress, bool mayGoBack, CancellationToken cancellationToken)
    {
        RedisValue[] arguments =
            [progress.Queue, progress.Sink, progress.Position.Incarnation, progress.Position.Offset, progress.Ledger, mayGoBack ? 1 : 0];
        var answer = await RedisScript.Progress.RunAsync(connection.Reads, keys.Prefix, arguments).WaitAsync(cancellationToken);
        if (answer.ToString() == "behind")
            LogBehind(progress.Sink, progress.Queue, progress.Position.Offset);
    }

    public async ValueTask<IReadOnlyList<SinkProgress>> ListAsync(CancellationToken cancellationToken)
    {
        var reads = Enumerable.Range(0, options.Parameters.Queues).Select(queue => connection.Reads.HashGetAllAsync(keys.Progress(queue), CommandFlags.DemandMaster));
        var found = await Task.WhenAll(reads).WaitAsync(cancellationToken);
        return [.. found.SelectMany((entries, queue) => entries.Select(entry => StoredProgress.Parse(entry.Name.ToString(), queue, entry.Value)).OfType<SinkProgress>())];
    }

    public async ValueTask ReleaseAsync(string sink, CancellationToken cancellationToken) =>
        await Task.WhenAll(Enumerable.Range(0, options.Parameters.Queues).Select(queue => connection.Reads.HashDeleteAsync(keys.Progress(queue), sink)))
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

    [LoggerMessage(EventIds.RedisProgressBehind, LogLevel.Warning, "Progress of sink {Sink} in queue {Queue} up to {Offset} is not stored: another process is further")]
    private partial void LogBehind(string sink, int queue, long offset);
}
