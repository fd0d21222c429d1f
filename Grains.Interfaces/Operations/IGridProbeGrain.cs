using Divolte.Grains.Interfaces.Formats;
using Orleans;
using Orleans.CodeGeneration;

namespace Divolte.Grains.Interfaces.Operations;

/// <summary>What a frontend asks the silo that it reached: whose grid this is, and whether an event could be made durable now. A stateless worker.</summary>
[Alias("divolte.grid-probe-grain"), Version(GridFormat.Latest)]
public interface IGridProbeGrain : IGrainWithIntegerKey
{
    [Alias("get")]
    Task<GridProbe> GetAsync();
}

/// <summary>The numbers that a cluster stored at its first start, and how its journal is.</summary>
/// <param name="Shards">Number of shards: a frontend that counts otherwise sends events where their repetitions are not known.</param>
/// <param name="Queues">Number of journal queues.</param>
/// <param name="RouteBy">What chooses the shard, as the configuration spells it.</param>
/// <param name="CanAppend">Whether the silo's journal takes events.</param>
/// <param name="Reason">Why not; empty otherwise. For operators, not for clients.</param>
/// <param name="Format">The format in which the cluster writes, see <see cref="Formats.GridFormat"/>.</param>
[GenerateSerializer, Immutable, Alias("divolte.grid-probe")]
public sealed record GridProbe(
    [property: Id(0)] int Shards,
    [property: Id(1)] int Queues,
    [property: Id(2)] string RouteBy,
    [property: Id(3)] bool CanAppend,
    [property: Id(4)] string Reason,
    [property: Id(5)] int Format);
