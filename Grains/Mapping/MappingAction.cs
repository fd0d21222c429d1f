using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>One step of a program.</summary>
internal abstract class MappingAction
{
    public abstract Flow Run(in MappedEvent mapped);
}

/// <summary><c>exit()</c> or <c>stop()</c>.</summary>
internal sealed class JumpAction(Flow flow) : MappingAction
{
    public override Flow Run(in MappedEvent mapped) => flow;
}

/// <summary><c>when … apply { … }</c>, <c>when … stop()</c>, <c>when … exit()</c>: the body runs when the condition is present and true.</summary>
internal sealed class WhenAction(ValueProducer<bool> condition, IReadOnlyList<MappingAction> body) : MappingAction
{
    private readonly MappingAction[] _body = [.. body];

    public override Flow Run(in MappedEvent mapped) =>
        condition.TryRead(mapped, out var holds) && holds ? MappingProgram.RunAll(_body, mapped) : Flow.Continue;
}

/// <summary><c>section { … }</c>: where an <c>exit()</c> in the body, at whatever depth, goes on.</summary>
internal sealed class SectionAction(IReadOnlyList<MappingAction> body) : MappingAction
{
    private readonly MappingAction[] _body = [.. body];

    public override Flow Run(in MappedEvent mapped)
    {
        var flow = MappingProgram.RunAll(_body, mapped);
        return flow == Flow.Exit ? Flow.Continue : flow;
    }
}

/// <summary><c>map … onto '…'</c> for a value that is written as it is. What is absent leaves the field as it was.</summary>
internal sealed class MapTextAction(ValueProducer<TextSlice> producer, int field) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        if (producer.TryRead(mapped, out var value))
            mapped.Scratch.Fields.SetText(field, value);
        return Flow.Continue;
    }
}

/// <inheritdoc cref="MapTextAction"/>
internal sealed class MapBooleanAction(ValueProducer<bool> producer, int field) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        if (producer.TryRead(mapped, out var value))
            mapped.Scratch.Fields.SetBoolean(field, value);
        return Flow.Continue;
    }
}

/// <inheritdoc cref="MapTextAction"/>
internal sealed class MapInt32Action(ValueProducer<int> producer, int field) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        if (producer.TryRead(mapped, out var value))
            mapped.Scratch.Fields.SetLong(field, value);
        return Flow.Continue;
    }
}

/// <inheritdoc cref="MapTextAction"/>
internal sealed class MapInt64Action(ValueProducer<long> producer, int field) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        if (producer.TryRead(mapped, out var value))
            mapped.Scratch.Fields.SetLong(field, value);
        return Flow.Continue;
    }
}

/// <inheritdoc cref="MapTextAction"/>
internal sealed class MapFloat32Action(ValueProducer<float> producer, int field) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        if (producer.TryRead(mapped, out var value))
            mapped.Scratch.Fields.SetFloat(field, value);
        return Flow.Continue;
    }
}

/// <inheritdoc cref="MapTextAction"/>
internal sealed class MapFloat64Action(ValueProducer<double> producer, int field) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        if (producer.TryRead(mapped, out var value))
            mapped.Scratch.Fields.SetDouble(field, value);
        return Flow.Continue;
    }
}
