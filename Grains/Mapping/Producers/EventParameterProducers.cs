using System.Text;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Mapping.JsonPaths;
using Divolte.Grains.Mapping.Mincode;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary>
/// <c>eventParameters()</c>: decoded when an event is first asked for them. What cannot be decoded is absent; a JSON event without parameters has
/// a null.
/// </summary>
internal sealed class EventParametersProducer(int slot) : CachingProducer<int>("eventParameters()", ProducerType.Json, slot)
{
    protected override bool TryCompute(in MappedEvent mapped, int reusable, out int value)
    {
        value = -1;
        var frame = mapped.Frame;
        var source = new TextSlice(null, frame.OffsetOf(FrameSlot.Parameters), frame[FrameSlot.Parameters].Length);
        switch (frame.ParametersFormat)
        {
            case ParametersFormat.Mincode:
                return MincodeReader.TryRead(mapped, source, out value, out _) && mapped.Scratch.Json[value].Kind != JsonKind.Null;
            case ParametersFormat.Json:
                return JsonTextReader.TryRead(mapped, source, out value);
            default:
                if (!frame.Flags.HasFlag(FrameFlags.Json))
                    return false;
                value = mapped.Scratch.Json.Add(JsonKind.Null);
                return true;
        }
    }
}

/// <summary>
/// <c>eventParameters().value('…')</c>: a direct member as text; empty, not absent, when there is no such member or it is no scalar.
/// </summary>
internal sealed class EventParameterValueProducer(EventParametersProducer parameters, string name)
    : ValueProducer<TextSlice>($"eventParameters().value({name})", ProducerType.String)
{
    public override ValueProducer? Source => parameters;

    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    public override bool TryRead(in MappedEvent mapped, out TextSlice value)
    {
        value = TextSlice.Empty;
        if (!parameters.TryRead(mapped, out var root))
            return false;
        var tree = mapped.Scratch.Json;
        var member = tree.Find(root, _name, mapped);
        if (member >= 0)
            JsonScalar.TryGetText(tree[member], mapped.Scratch, out value);
        return true;
    }
}

/// <summary><c>eventParameters().path('…')</c>.</summary>
internal sealed class JsonPathProducer(EventParametersProducer parameters, string expression, JsonPath path, int slot)
    : CachingProducer<int>($"eventParameters().path({expression})", ProducerType.Json, slot)
{
    public override ValueProducer? Source => parameters;

    protected override bool TryCompute(in MappedEvent mapped, int reusable, out int value)
    {
        value = -1;
        if (!parameters.TryRead(mapped, out var root) || !path.TryEvaluate(root, mapped, out value))
            return false;
        return path.Function == PathFunction.None || ReadFunction(mapped, value);
    }

    /// <summary>A function that has a result loses the event, as its result never was JSON; one that has none is absent.</summary>
    private bool ReadFunction(in MappedEvent mapped, int argument)
    {
        var tree = mapped.Scratch.Json;
        var hasResult = path.Function switch
        {
            PathFunction.Length => tree[argument].Kind is JsonKind.Array or JsonKind.Object,
            PathFunction.Number => HasNumber(tree, argument),
            _ => false,
        };
        return hasResult && mapped.Fail($"{Identifier}: results of path functions cannot be used");
    }

    private static bool HasNumber(JsonTree tree, int array)
    {
        if (tree[array].Kind != JsonKind.Array)
            return false;
        for (var element = tree[array].First; element >= 0; element = tree[element].Next)
        {
            if (tree[element].Kind is JsonKind.Integer or JsonKind.Decimal or JsonKind.Double)
                return true;
        }
        return false;
    }
}
