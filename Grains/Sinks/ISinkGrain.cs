using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Streaming;
using Orleans;
using Orleans.CodeGeneration;

namespace Divolte.Grains.Sinks;

/// <summary>One queue of one sink; its key is <see cref="JournalStream.KeyOf"/>.</summary>
[Alias("divolte.sink"), Version(GridFormat.Latest)]
internal interface ISinkGrain : IQueueConsumerGrain
{
    /// <summary>How it is: for status pages.</summary>
    [Alias("status")]
    Task<SinkStatus> GetStatusAsync();

    /// <summary>A record of late, for the live page; null when none was mapped since somebody began to ask. Asking is what makes the sink keep one.</summary>
    [Alias("sample")]
    Task<RecordSample?> GetSampleAsync();
}
