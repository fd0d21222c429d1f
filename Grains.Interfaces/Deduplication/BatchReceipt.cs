using Orleans;

namespace Divolte.Grains.Interfaces.Deduplication;

/// <summary>One verdict per event, in batch order.</summary>
/// <param name="Verdicts">Each byte an <see cref="EventVerdict"/>.</param>
[GenerateSerializer, Immutable, Alias("divolte.batch-receipt")]
public sealed record BatchReceipt([property: Id(0)] byte[] Verdicts)
{
    public EventVerdict this[int index] => (EventVerdict)Verdicts[index];

    /// <summary>The same verdict for every event.</summary>
    public static BatchReceipt Uniform(int eventCount, EventVerdict verdict)
    {
        var verdicts = new byte[eventCount];
        verdicts.AsSpan().Fill((byte)verdict);
        return new BatchReceipt(verdicts);
    }
}
