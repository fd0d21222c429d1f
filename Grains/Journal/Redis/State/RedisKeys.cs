using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.State;

/// <summary>The keys of one cluster. The scripts make the same names.</summary>
/// <param name="cluster">Its name; in braces, so that a Redis Cluster keeps all keys on one node.</param>
internal sealed class RedisKeys(string cluster)
{
    /// <summary>What all keys begin with.</summary>
    public string Prefix { get; } = "{" + cluster + "}:";

    /// <summary>Hash: parameters, incarnation, the server's life.</summary>
    public RedisKey Meta => Prefix + "meta";

    /// <summary>Hash: where each queue ends.</summary>
    public RedisKey Ends => Prefix + "ends";

    /// <summary>Channel: what was appended, as <c>QUEUE:END,…</c>; <c>!</c> when the incarnation was raised.</summary>
    public string Wake => Prefix + "wake";

    /// <summary>Stream: the entries of a queue; the number of an entry is where it ends.</summary>
    public RedisKey Queue(int queue) => $"{Prefix}queue:{queue}";

    /// <summary>Hash: events ever appended to a queue, by source.</summary>
    public RedisKey Accepted(int queue) => $"{Prefix}accepted:{queue}";

    /// <summary>Hash: the progress of each sink in a queue.</summary>
    public RedisKey Progress(int queue) => $"{Prefix}progress:{queue}";

    /// <summary>Hash: who has claimed each sink's part of a queue, and how far its backlog is in spill files, see <c>StoredProgress</c>.</summary>
    public RedisKey Claims(int queue) => $"{Prefix}claims:{queue}";

    /// <summary>Hash: the list of each sink's spill files in a queue.</summary>
    public RedisKey Spills(int queue) => $"{Prefix}spills:{queue}";

    /// <summary>String: a <see cref="MarkChunk"/>.</summary>
    public RedisKey Marks(int shard, long chunk) => $"{Prefix}marks:{shard}:{chunk}";
}
