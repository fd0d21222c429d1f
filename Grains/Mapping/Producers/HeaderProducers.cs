using System.Text;
using Divolte.Grains.Mapping.Headers;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary><c>header('…')</c>: the values of all lines with that name.</summary>
internal sealed class HeaderProducer(string name, int slot) : CachingProducer<List<TextSlice?>>($"header({name})", ProducerType.StringList, slot)
{
    private readonly byte[] _name = Encoding.Latin1.GetBytes(name);

    protected override bool TryCompute(in MappedEvent mapped, List<TextSlice?>? reusable, out List<TextSlice?> value)
    {
        value = reusable ?? [];
        value.Clear();
        var isPresent = false;
        foreach (var header in mapped.Frame.Headers)
        {
            if (!Ascii.EqualsIgnoreCase(header.Name, _name))
                continue;
            HeaderValueSplitter.Split(mapped, FrameHeaderText.Collapse(mapped, header.Value), value);
            isPresent = true;
        }
        return isPresent;
    }
}

/// <summary><c>first()</c>, <c>last()</c> and <c>get(n)</c> of a list; a negative index counts from the end.</summary>
internal sealed class ListElementProducer(ValueProducer<List<TextSlice?>> list, string call, int index)
    : ValueProducer<TextSlice>($"{list.Identifier}.{call}", ProducerType.String)
{
    public override ValueProducer? Source => list;

    public override bool TryRead(in MappedEvent mapped, out TextSlice value)
    {
        value = default;
        if (!list.TryRead(mapped, out var values))
            return false;
        var position = index < 0 ? (long)values.Count + index : index;
        if (position < 0 || position >= values.Count || values[(int)position] is not { } element)
            return false;
        value = element;
        return true;
    }
}

/// <summary><c>commaSeparated()</c>.</summary>
internal sealed class CommaSeparatedProducer(ValueProducer<List<TextSlice?>> list)
    : ValueProducer<TextSlice>($"{list.Identifier}.commaSeparated()", ProducerType.String)
{
    public override ValueProducer? Source => list;

    public override bool TryRead(in MappedEvent mapped, out TextSlice value)
    {
        value = TextSlice.Empty;
        if (!list.TryRead(mapped, out var values))
            return false;
        if (values is [{ } single])
            value = single;
        if (values.Count < 2)
            return true;
        var room = values.Count - 1;
        foreach (var element in values)
            room += element.GetValueOrDefault().Length;
        var target = mapped.Scratch.Reserve(room);
        var length = 0;
        foreach (var element in values)
        {
            if (length > 0)
                target[length++] = (byte)',';
            var text = element is { } slice ? mapped.Read(slice) : default;
            text.CopyTo(target[length..]);
            length += text.Length;
        }
        value = mapped.Scratch.Keep(length);
        return true;
    }
}

/// <summary><c>cookie('…')</c>.</summary>
internal sealed class CookieProducer(string name) : ValueProducer<TextSlice>($"cookie({name})", ProducerType.String)
{
    private readonly byte[] _name = Encoding.Latin1.GetBytes(name);
    private readonly bool _isReadable = !name.StartsWith('$') && name.All(letter => letter <= '\u00ff');

    public override bool TryRead(in MappedEvent mapped, out TextSlice value)
    {
        value = default;
        var isPresent = false;
        if (!_isReadable)
            return false;
        foreach (var header in mapped.Frame.Headers)
        {
            // Within a line the first cookie of a name wins, among lines the last.
            if (!Ascii.EqualsIgnoreCase(header.Name, "cookie"u8))
                continue;
            if (!CookieLine.TryFind(FrameHeaderText.Collapse(mapped, header.Value), _name, out var found, out var isEscaped))
                continue;
            value = FrameHeaderText.TextOf(mapped, found);
            if (isEscaped)
                value = CookieLine.Unescape(mapped, value);
            isPresent = true;
        }
        return isPresent;
    }
}
