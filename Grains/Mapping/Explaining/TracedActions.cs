using Divolte.Grains.Mapping.Producers;

namespace Divolte.Grains.Mapping.Explaining;

/// <summary><c>map … onto '…'</c>, noted.</summary>
/// <param name="inner">What it does.</param>
/// <param name="producer">What it maps; null for a literal.</param>
/// <param name="site">Where it stands.</param>
/// <param name="trace">Where it is noted.</param>
internal sealed class TracedMapAction(MappingAction inner, ValueProducer? producer, TraceSite site, MappingTrace trace) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        var flow = inner.Run(mapped);
        trace.Visit(site, WhyNot(mapped));
        return flow;
    }

    private string WhyNot(in MappedEvent mapped)
    {
        if (mapped.Scratch.Failure is { } failure)
            return failure;
        if (producer is null)
            return "";
        if (!producer.IsPresent(mapped))
            return MappingTrace.WhyAbsent(producer, mapped);
        return (inner as MapJsonAction)?.FindProblem(mapped) ?? "";
    }
}

/// <summary><c>when …</c>, noted before its body runs.</summary>
/// <param name="inner">What it does.</param>
/// <param name="condition">What it asks.</param>
/// <param name="site">Where it stands.</param>
/// <param name="trace">Where it is noted.</param>
internal sealed class TracedWhenAction(MappingAction inner, ValueProducer<bool> condition, TraceSite site, MappingTrace trace) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        var isPresent = condition.TryRead(mapped, out var holds);
        trace.Visit(site, !isPresent ? MappingTrace.WhyAbsent(condition, mapped) : holds ? "" : $"{condition.Identifier} is false");
        return inner.Run(mapped);
    }
}

/// <summary><c>exit()</c> and <c>stop()</c>, noted.</summary>
/// <param name="inner">What it does.</param>
/// <param name="site">Where it stands.</param>
/// <param name="trace">Where it is noted.</param>
internal sealed class TracedJumpAction(MappingAction inner, TraceSite site, MappingTrace trace) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        trace.Jump(site);
        return inner.Run(mapped);
    }
}
