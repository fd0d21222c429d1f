using System.Text;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary><c>map 'literal' onto '…'</c>.</summary>
internal sealed class MapLiteralAction(object literal, int field) : MappingAction
{
    private readonly TextSlice _text = literal is string text ? TextSlice.Of(Encoding.UTF8.GetBytes(text)) : default;

    public override Flow Run(in MappedEvent mapped)
    {
        var fields = mapped.Scratch.Fields;
        switch (literal)
        {
            case string:
                fields.SetText(field, _text);
                break;
            case bool value:
                fields.SetBoolean(field, value);
                break;
            case int value:
                fields.SetLong(field, value);
                break;
            case long value:
                fields.SetLong(field, value);
                break;
            case float value:
                fields.SetFloat(field, value);
                break;
            case double value:
                fields.SetDouble(field, value);
                break;
        }
        return Flow.Continue;
    }
}

/// <summary>Maps JSON, converted to the type of the field. What does not fit leaves the field as it was.</summary>
internal sealed class MapJsonAction(ValueProducer<int> producer, int field, AvroSchema schema, JsonConversion conversion) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        if (!producer.TryRead(mapped, out var node))
            return Flow.Continue;
        var outcome = conversion.Convert(node, mapped, out var encoded, out var problem);
        if (outcome == ConversionOutcome.Fatal)
            mapped.Fail($"{producer.Identifier}: {problem}");
        else if (outcome == ConversionOutcome.Written && problem is not null)
            mapped.Scratch.Fields.SetUnwritable(field, $"{producer.Identifier}: {problem}");
        else if (outcome == ConversionOutcome.Written)
            mapped.Scratch.Fields.SetEncoded(field, encoded);
        return Flow.Continue;
    }

    /// <summary>Why a present value does not reach the field; null when it does. For explanations: the event's own run does not need it.</summary>
    public string? FindProblem(in MappedEvent mapped)
    {
        if (!producer.TryRead(mapped, out var node))
            return null;
        return conversion.Convert(node, mapped, out _, out var problem) switch
        {
            ConversionOutcome.Written => problem,
            ConversionOutcome.Null => $"{producer.Identifier} is null",
            _ => problem ?? $"{producer.Identifier} does not fit the type {schema}",
        };
    }
}

/// <summary>Maps a list of strings.</summary>
internal sealed class MapTextListAction(ValueProducer<List<TextSlice?>> producer, int field, AvroSchema items) : MappingAction
{
    private readonly ItemBranches _branches = new(items);

    public override Flow Run(in MappedEvent mapped)
    {
        if (!producer.TryRead(mapped, out var values))
            return Flow.Continue;
        var buffer = mapped.Scratch.Encoded;
        var start = buffer.Length;
        if (values.Count > 0)
            buffer.WriteLong(values.Count);
        foreach (var value in values)
        {
            if (!_branches.TryBegin(buffer, isNull: value is null))
            {
                mapped.Scratch.Fields.SetUnwritable(field, $"{producer.Identifier} has an element without a value");
                return Flow.Continue;
            }
            if (value is { } text)
                buffer.WriteBytes(mapped.Read(text));
        }
        buffer.WriteLong(0);
        mapped.Scratch.Fields.SetEncoded(field, new TextSlice(buffer.Array, start, buffer.Length - start));
        return Flow.Continue;
    }
}

/// <summary>Maps a list of numbers.</summary>
internal sealed class MapNumberListAction(ValueProducer<List<int?>> producer, int field, AvroSchema items) : MappingAction
{
    private readonly ItemBranches _branches = new(items);

    public override Flow Run(in MappedEvent mapped)
    {
        if (!producer.TryRead(mapped, out var values))
            return Flow.Continue;
        var buffer = mapped.Scratch.Encoded;
        var start = buffer.Length;
        if (values.Count > 0)
            buffer.WriteLong(values.Count);
        foreach (var value in values)
        {
            if (!_branches.TryBegin(buffer, isNull: value is null))
            {
                mapped.Scratch.Fields.SetUnwritable(field, $"{producer.Identifier} has an element without a value");
                return Flow.Continue;
            }
            if (value is { } number)
                buffer.WriteLong(number);
        }
        buffer.WriteLong(0);
        mapped.Scratch.Fields.SetEncoded(field, new TextSlice(buffer.Array, start, buffer.Length - start));
        return Flow.Continue;
    }
}

/// <summary>Maps a query onto a map of lists; names in the order in which they first occur.</summary>
internal sealed class MapQueryAction(ValueProducer<List<QueryParameter>> producer, int field) : MappingAction
{
    public override Flow Run(in MappedEvent mapped)
    {
        if (!producer.TryRead(mapped, out var parameters))
            return Flow.Continue;
        var buffer = mapped.Scratch.Encoded;
        var start = buffer.Length;
        var groups = GroupByName(mapped, parameters);
        if (groups.Count > 0)
            buffer.WriteLong(groups.Count);
        foreach (var values in groups.Values)
        {
            buffer.WriteBytes(mapped.Read(parameters[values[0]].Name));
            buffer.WriteLong(values.Count);
            foreach (var value in values)
                buffer.WriteBytes(mapped.Read(parameters[value].Value));
            buffer.WriteLong(0);
        }
        buffer.WriteLong(0);
        mapped.Scratch.Fields.SetEncoded(field, new TextSlice(buffer.Array, start, buffer.Length - start));
        return Flow.Continue;
    }

    private static OrderedDictionary<string, List<int>> GroupByName(in MappedEvent mapped, List<QueryParameter> parameters)
    {
        var groups = new OrderedDictionary<string, List<int>>(StringComparer.Ordinal);
        for (var index = 0; index < parameters.Count; index++)
        {
            var name = Encoding.UTF8.GetString(mapped.Read(parameters[index].Name));
            if (!groups.TryGetValue(name, out var values))
                groups.Add(name, values = []);
            values.Add(index);
        }
        return groups;
    }
}
