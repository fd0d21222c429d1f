using Divolte.Grains.Interfaces.Operations;

namespace Divolte.Grains.Sinks;

/// <summary>What a sink is doing, and why it is not simply running.</summary>
internal sealed record SinkCondition(SinkState State, string Reason)
{
    public static readonly SinkCondition Running = new(SinkState.Running, "");
}
