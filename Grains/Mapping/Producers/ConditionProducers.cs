using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary><c>isPresent()</c> and <c>isAbsent()</c>; never absent themselves.</summary>
internal sealed class PresenceProducer(ValueProducer source, bool isAbsence)
    : ValueProducer<bool>(isAbsence ? $"not({source.Identifier}.isPresent())" : $"{source.Identifier}.isPresent()", ProducerType.Boolean)
{
    public override bool TryRead(in MappedEvent mapped, out bool value)
    {
        value = source.IsPresent(mapped) != isAbsence;
        return true;
    }
}

/// <summary>
/// <c>and</c> and <c>or</c>: both sides are evaluated, and the result is absent when either is. A right side that is no boolean only matters when the
/// left does not decide.
/// </summary>
internal sealed class LogicProducer(string identifier, ValueProducer<bool> left, ValueProducer right, bool isAnd)
    : ValueProducer<bool>(identifier, ProducerType.Boolean)
{
    private readonly ValueProducer<bool>? _right = right as ValueProducer<bool>;

    public override bool TryRead(in MappedEvent mapped, out bool value)
    {
        value = false;
        var isLeftPresent = left.TryRead(mapped, out var leftHolds);
        var rightHolds = false;
        var isRightPresent = _right is null ? right.IsPresent(mapped) : _right.TryRead(mapped, out rightHolds);
        if (!isLeftPresent || !isRightPresent)
            return false;
        if (_right is null && leftHolds == isAnd)
            return mapped.Fail($"{right.Identifier} is of the type {right.Type}, where {ProducerType.Boolean} is needed");
        value = isAnd ? leftHolds && rightHolds : leftHolds || rightHolds;
        return true;
    }
}

/// <summary><c>not …</c> and <c>negate()</c>.</summary>
internal sealed class NegationProducer(ValueProducer<bool> source) : ValueProducer<bool>($"not({source.Identifier})", ProducerType.Boolean)
{
    public override ValueProducer? Source => source;

    public override bool TryRead(in MappedEvent mapped, out bool value)
    {
        var isPresent = source.TryRead(mapped, out var holds);
        value = !holds;
        return isPresent;
    }
}

/// <summary>
/// Where a script uses a value of the wrong type in place of another, which is accepted at start as it always was: events that have such a value
/// are lost, others are mapped.
/// </summary>
internal sealed class WrongTypeProducer<T>(ValueProducer source, ProducerType wanted) : ValueProducer<T>(source.Identifier, wanted)
{
    public override ValueProducer? Source => source;

    public override bool TryRead(in MappedEvent mapped, out T value)
    {
        value = default!;
        return source.IsPresent(mapped) && mapped.Fail($"{Identifier} is of the type {source.Type}, where {Type} is needed");
    }
}

/// <summary>Something that a script left out where a value is needed: every event that comes there is lost.</summary>
internal sealed class NothingProducer<T>(string identifier, ProducerType type) : ValueProducer<T>(identifier, type)
{
    public override bool TryRead(in MappedEvent mapped, out T value)
    {
        value = default!;
        return mapped.Fail($"{Identifier} is null, where {Type} is needed");
    }
}
