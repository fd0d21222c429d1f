using System.Collections.Immutable;
using System.Globalization;
using Divolte.Grains.Journal.Redis.Connecting;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.State;

/// <summary>Claims shards: raises the epoch in one step, then reads what its owner must remember. Nobody else can change that from then on.</summary>
internal sealed class ShardClaims(RedisConnection connection, RedisKeys keys, RedisStore store, ShardHoldings holdings, RedisJournalOptions options)
{
    private const int LooksMax = 3;

    /// <summary>See <see cref="IJournal.ClaimAsync"/>.</summary>
    /// <exception cref="RedisException">The store is away; nothing is known of the claim, and another one may follow.</exception>
    public async Task<ShardClaim> ClaimAsync(int shard, CancellationToken cancellationToken)
    {
        for (var look = 0; ; look++)
        {
            var identity = store.Identity;
            var claiming = RedisScript.Claim.RunAsync(connection.Writes, keys.Prefix, [identity.Life, shard, holdings.EpochMax]);
            await Replicas.WaitAsync(connection.Writes, claiming, options.Server);
            var answer = (RedisResult[])(await claiming)!;
            if (answer[0].ToString() == "ok")
                return await TakeAsync(shard, identity, answer, cancellationToken);
            if (look == LooksMax || !await store.LookAgainAsync(identity))
                throw new TimeoutException("Redis was restarted or failed over and cannot be looked at yet.");
        }
    }

    private async Task<ShardClaim> TakeAsync(int shard, StoreIdentity identity, RedisResult[] answer, CancellationToken cancellationToken)
    {
        var (epoch, now) = (Number(answer[2]), Number(answer[3]));
        var frontends = ImmutableDictionary.CreateBuilder<Guid, SequenceRanges>();
        var stored = (RedisResult[])answer[6]!;
        for (var index = 0; index < stored.Length; index += 2)
            frontends.Add(new Guid((byte[])stored[index]!), SequenceRanges.Parse((byte[])stored[index + 1]!));
        var marks = new List<EventMark>();
        var chunks = await ReadChunksAsync(shard, answer[5].ToString(), marks, cancellationToken);
        holdings.Set(new ShardHolding(shard, epoch, new ShardState(Number(answer[4]), chunks, frontends.ToImmutable())));
        store.Learn(identity, Number(answer[1]));
        return new ShardClaim(epoch, StoreTime.ToTime(now), marks, [.. frontends.Select(pair => pair.Value.ToRedelivery(pair.Key))]);
    }

    private async Task<ImmutableArray<MarkChunk>> ReadChunksAsync(int shard, string range, List<EventMark> marks, CancellationToken cancellationToken)
    {
        if (range.Length == 0)
            return [];
        var colon = range.IndexOf(':', StringComparison.Ordinal);
        var (first, last) = (long.Parse(range.AsSpan(0, colon), CultureInfo.InvariantCulture), long.Parse(range.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        var reads = new List<Task<RedisValue>>();
        for (var number = first; number <= last; number++)
            reads.Add(connection.Reads.StringGetAsync(keys.Marks(shard, number), CommandFlags.DemandMaster));
        var values = await Task.WhenAll(reads).WaitAsync(cancellationToken);
        return [.. values.Select((value, index) => MarkChunk.Read(first + index, ((byte[]?)value) ?? [], marks))];
    }

    private static long Number(RedisResult result) => long.Parse(result.ToString(), CultureInfo.InvariantCulture);
}
