using System.Globalization;
using Divolte.Grains.Interfaces.Configuration;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Connecting;

/// <summary>Waits until replicas have received a write.</summary>
internal static class Replicas
{
    /// <summary>To be called right after the write, on the same connection; completes at once where no replicas are asked for.</summary>
    /// <param name="database">Where the write went.</param>
    /// <param name="write">The write.</param>
    /// <param name="options">How many, and how long.</param>
    /// <exception cref="TimeoutException">Too few have it in time: whether a failover would keep it is unknown.</exception>
    public static async Task WaitAsync(IDatabase database, Task write, RedisOptions options)
    {
        if (options.Replicas == 0)
            return;
        var waiting = database.ExecuteAsync("WAIT", options.Replicas, (long)options.ReplicaTimeout.TotalMilliseconds);
        await write;
        var have = int.Parse((await waiting).ToString(), CultureInfo.InvariantCulture);
        if (have < options.Replicas)
            throw new TimeoutException($"{have} of {options.Replicas} replicas have the write after {options.ReplicaTimeout.TotalMilliseconds} ms.");
    }
}
