using Divolte.Grains.Interfaces.Formats;
using Orleans;
using Orleans.CodeGeneration;

namespace Divolte.Grains.Interfaces.Operations;

/// <summary>Asks the shards and sinks how they are. One activation, key 0; answers may be a second old.</summary>
[Alias("divolte.grid-status-grain"), Version(GridFormat.Latest)]
public interface IGridStatusGrain : IGrainWithIntegerKey
{
    [Alias("get")]
    Task<GridStatus> GetAsync();

    /// <summary>Records of late, one of each sink and queue at most. Sinks keep samples only while this is called at least every ten seconds.</summary>
    [Alias("samples")]
    Task<IReadOnlyList<RecordSample>> GetSamplesAsync();
}
