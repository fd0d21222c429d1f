using Divolte.Grains.Interfaces.Events;
using Divolte.TestKit;

namespace Divolte.Grains.Tests.Deduplication;

/// <summary>One part as a shard gets it.</summary>
internal sealed record APart(long Sequence, long SettledBelow, byte[] Frames, int EventCount, Guid Frontend)
{
    public static readonly Guid FrontendA = new("00000000-0000-0000-0000-00000000000a");
    public static readonly Guid FrontendB = new("00000000-0000-0000-0000-00000000000b");

    public static APart Of(long sequence, params string[] eventIds) => new(
        sequence, sequence, [.. eventIds.SelectMany(id => AFrame.Of(id))], eventIds.Length, FrontendA);

    public APart From(Guid frontend) => this with { Frontend = frontend };

    public APart Settled(long below) => this with { SettledBelow = below };

    public BatchPartHead Head(int shard) => new(shard, EventCount, Sequence, SettledBelow);
}
