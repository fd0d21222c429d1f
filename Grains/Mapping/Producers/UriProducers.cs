using Divolte.Grains.Mapping.Uris;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary><c>parse … to uri</c>.</summary>
internal sealed class UriProducer(string identifier, ValueProducer<TextSlice> source, int slot) : CachingProducer<UriParts>(identifier, ProducerType.Uri, slot)
{
    public override ValueProducer? Source => source;

    protected override bool TryCompute(in MappedEvent mapped, UriParts? reusable, out UriParts value)
    {
        value = reusable ?? new UriParts();
        return source.TryRead(mapped, out var text) && UriSplitter.TryParse(mapped.Read(text), text, value);
    }
}

/// <summary>A text part of a URI, as written or decoded.</summary>
internal sealed class UriTextProducer(UriProducer uri, string method, Func<UriParts, TextSlice?> select, bool isDecoded)
    : ValueProducer<TextSlice>($"{uri.Identifier}.{method}()", ProducerType.String)
{
    public override ValueProducer? Source => uri;

    public override bool TryRead(in MappedEvent mapped, out TextSlice value)
    {
        value = default;
        if (!uri.TryRead(mapped, out var parts) || select(parts) is not { } part)
            return false;
        value = isDecoded ? PercentDecoding.Decode(mapped, part, isForm: false) : part;
        return true;
    }
}

/// <summary><c>port()</c>.</summary>
internal sealed class UriPortProducer(UriProducer uri) : ValueProducer<int>($"{uri.Identifier}.port()", ProducerType.Int32)
{
    public override ValueProducer? Source => uri;

    public override bool TryRead(in MappedEvent mapped, out int value)
    {
        value = uri.TryRead(mapped, out var parts) ? parts.Port ?? -1 : -1;
        return value >= 0;
    }
}

/// <summary><c>query()</c>: names and values in order, decoded as forms are.</summary>
internal sealed class QueryProducer(UriProducer uri, int slot)
    : CachingProducer<List<QueryParameter>>($"parse ({uri.Identifier}.rawQueryString() to querystring)", ProducerType.QueryMap, slot)
{
    public override ValueProducer? Source => uri;

    protected override bool TryCompute(in MappedEvent mapped, List<QueryParameter>? reusable, out List<QueryParameter> value)
    {
        value = reusable ?? [];
        value.Clear();
        if (!uri.TryRead(mapped, out var parts) || parts.Query is not { } query)
            return false;
        Split(mapped, query, value);
        return true;
    }

    /// <summary>An empty piece counts, except behind the last separator.</summary>
    private static void Split(in MappedEvent mapped, TextSlice query, List<QueryParameter> parameters)
    {
        var position = 0;
        while (position < query.Length)
        {
            var rest = query.Part(position, query.Length - position);
            var text = mapped.Read(rest);
            var end = text.IndexOf((byte)'&');
            var piece = end < 0 ? rest : rest.Part(0, end);
            var equals = mapped.Read(piece).IndexOf((byte)'=');
            var name = equals < 0 ? piece : piece.Part(0, equals);
            var value = equals < 0 ? TextSlice.Empty : piece.Part(equals + 1, piece.Length - equals - 1);
            parameters.Add(new QueryParameter(PercentDecoding.Decode(mapped, name, isForm: true), PercentDecoding.Decode(mapped, value, isForm: true)));
            position += piece.Length + 1;
        }
    }
}

/// <summary><c>query().value('…')</c>: the first value of a name.</summary>
internal sealed class QueryValueProducer(QueryProducer query, string name)
    : ValueProducer<TextSlice>($"{query.Identifier}.value({name})", ProducerType.String)
{
    public override ValueProducer? Source => query;

    private readonly byte[] _name = System.Text.Encoding.UTF8.GetBytes(name);

    public override bool TryRead(in MappedEvent mapped, out TextSlice value)
    {
        value = default;
        if (!query.TryRead(mapped, out var parameters))
            return false;
        foreach (var parameter in parameters)
        {
            if (!mapped.Read(parameter.Name).SequenceEqual(_name))
                continue;
            value = parameter.Value;
            return true;
        }
        return false;
    }
}

/// <summary><c>query().valueList('…')</c>: all values of a name.</summary>
internal sealed class QueryValueListProducer(QueryProducer query, string name, int slot)
    : CachingProducer<List<TextSlice?>>($"{query.Identifier}.valueList({name})", ProducerType.StringList, slot)
{
    public override ValueProducer? Source => query;

    private readonly byte[] _name = System.Text.Encoding.UTF8.GetBytes(name);

    protected override bool TryCompute(in MappedEvent mapped, List<TextSlice?>? reusable, out List<TextSlice?> value)
    {
        value = reusable ?? [];
        value.Clear();
        if (!query.TryRead(mapped, out var parameters))
            return false;
        foreach (var parameter in parameters)
        {
            if (mapped.Read(parameter.Name).SequenceEqual(_name))
                value.Add(parameter.Value);
        }
        return value.Count > 0;
    }
}
