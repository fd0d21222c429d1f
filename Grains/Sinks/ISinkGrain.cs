using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Streaming;
using Orleans;

namespace Divolte.Grains.Sinks;

/// <summary>One queue of one sink; its key is <see cref="JournalStream.KeyOf"/>.</summary>
[Alias("divolte.sink")]
internal interface ISinkGrain : IQueueConsumerGrain
{
    /// <summary>How it is: for status pages.</summary>
    [Alias("status")]
    Task<SinkStatus> GetStatusAsync();
}
