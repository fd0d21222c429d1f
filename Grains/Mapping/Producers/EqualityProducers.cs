using System.Text;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Mapping.Uris;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary><c>equalTo(producer)</c>: true when both are absent, or both present, of one type, and equal.</summary>
internal sealed class ProducerEqualityProducer(ValueProducer left, ValueProducer right)
    : ValueProducer<bool>($"{left.Identifier}.equalTo({right.Identifier})", ProducerType.Boolean)
{
    public override bool TryRead(in MappedEvent mapped, out bool value)
    {
        var isLeftPresent = left.IsPresent(mapped);
        var isRightPresent = right.IsPresent(mapped);
        value = isLeftPresent && isRightPresent ? left.Type == right.Type && AreEqual(mapped) : isLeftPresent == isRightPresent;
        return true;
    }

    private bool AreEqual(in MappedEvent mapped) => (left, right) switch
    {
        (ValueProducer<TextSlice> one, ValueProducer<TextSlice> other) => TextsEqual(mapped, one, other),
        (ValueProducer<bool> one, ValueProducer<bool> other) => ValuesEqual(mapped, one, other),
        (ValueProducer<long> one, ValueProducer<long> other) => ValuesEqual(mapped, one, other),
        (ValueProducer<float> one, ValueProducer<float> other) => ValuesEqual(mapped, one, other),
        (ValueProducer<double> one, ValueProducer<double> other) => ValuesEqual(mapped, one, other),
        (ValueProducer<int> one, ValueProducer<int> other) => left.Type == ProducerType.Json ? NodesEqual(mapped, one, other) : ValuesEqual(mapped, one, other),
        (ValueProducer<List<TextSlice?>> one, ValueProducer<List<TextSlice?>> other) => ListsEqual(mapped, one, other),
        (ValueProducer<List<int?>> one, ValueProducer<List<int?>> other) =>
            one.TryRead(mapped, out var numbers) && other.TryRead(mapped, out var others) && numbers.SequenceEqual(others),
        (ValueProducer<List<QueryParameter>> one, ValueProducer<List<QueryParameter>> other) => QueriesEqual(mapped, one, other),
        (ValueProducer<UriParts> one, ValueProducer<UriParts> other) =>
            one.TryRead(mapped, out var uri) && other.TryRead(mapped, out var otherUri) && UriParts.AreEqual(uri, otherUri, mapped),
        // Matches, user agents and places are equal only to themselves.
        _ => ReferenceEquals(left, right) || left.Identifier == right.Identifier,
    };

    private static bool TextsEqual(in MappedEvent mapped, ValueProducer<TextSlice> left, ValueProducer<TextSlice> right) =>
        left.TryRead(mapped, out var one) && right.TryRead(mapped, out var other) && mapped.Read(one).SequenceEqual(mapped.Read(other));

    private static bool ValuesEqual<T>(in MappedEvent mapped, ValueProducer<T> left, ValueProducer<T> right) =>
        left.TryRead(mapped, out var one) && right.TryRead(mapped, out var other) && EqualityComparer<T>.Default.Equals(one, other);

    private static bool NodesEqual(in MappedEvent mapped, ValueProducer<int> left, ValueProducer<int> right) =>
        left.TryRead(mapped, out var one) && right.TryRead(mapped, out var other) && JsonEquality.AreEqual(one, other, mapped);

    private static bool ListsEqual(in MappedEvent mapped, ValueProducer<List<TextSlice?>> left, ValueProducer<List<TextSlice?>> right)
    {
        if (!left.TryRead(mapped, out var one) || !right.TryRead(mapped, out var other) || one.Count != other.Count)
            return false;
        for (var index = 0; index < one.Count; index++)
        {
            if (one[index].HasValue != other[index].HasValue ||
                one[index] is { } text && !mapped.Read(text).SequenceEqual(mapped.Read(other[index].GetValueOrDefault())))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Queries are equal when each name has the same values in the same order; the order of names does not matter.</summary>
    private static bool QueriesEqual(in MappedEvent mapped, ValueProducer<List<QueryParameter>> left, ValueProducer<List<QueryParameter>> right)
    {
        if (!left.TryRead(mapped, out var one) || !right.TryRead(mapped, out var other) || one.Count != other.Count)
            return false;
        var first = Sorted(mapped, one);
        var second = Sorted(mapped, other);
        return first.SequenceEqual(second);
    }

    private static List<(string Name, int Index, string Value)> Sorted(in MappedEvent mapped, List<QueryParameter> parameters)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var sorted = new List<(string, int, string)>(parameters.Count);
        foreach (var parameter in parameters)
        {
            var name = Encoding.UTF8.GetString(mapped.Read(parameter.Name));
            seen[name] = seen.GetValueOrDefault(name) + 1;
            sorted.Add((name, seen[name], Encoding.UTF8.GetString(mapped.Read(parameter.Value))));
        }
        sorted.Sort(static (left, right) => string.CompareOrdinal(left.Item1, right.Item1) is var order and not 0 ? order : left.Item2.CompareTo(right.Item2));
        return sorted;
    }
}

/// <summary>
/// <c>equalTo(literal)</c>: true when present and equal in type and value; numbers are not widened. A literal that no producer of this type can yield
/// is never equal.
/// </summary>
internal sealed class LiteralEqualityProducer : ValueProducer<bool>
{
    private readonly ValueProducer _source;
    private readonly object? _literal;
    private readonly byte[]? _text;
    private readonly byte[]?[]? _texts;

    /// <param name="source">The producer.</param>
    /// <param name="literal">A string, boolean, number, or list of strings; anything else is never equal.</param>
    /// <param name="printed">The literal as text, for the identifier.</param>
    public LiteralEqualityProducer(ValueProducer source, object? literal, string printed)
        : base($"{source.Identifier}.equalTo({printed})", ProducerType.Boolean)
    {
        _source = source;
        _literal = literal;
        _text = literal is string text ? Encoding.UTF8.GetBytes(text) : null;
        _texts = literal is IReadOnlyList<string?> texts ? texts.Select(item => item is null ? null : Encoding.UTF8.GetBytes(item)).ToArray() : null;
    }

    public override bool TryRead(in MappedEvent mapped, out bool value)
    {
        value = (_source, _literal) switch
        {
            (ValueProducer<TextSlice> source, string) when source.Type == ProducerType.String =>
                source.TryRead(mapped, out var text) && mapped.Read(text).SequenceEqual(_text),
            (ValueProducer<bool> source, bool literal) => source.TryRead(mapped, out var flag) && flag == literal,
            (ValueProducer<int> source, int literal) when source.Type == ProducerType.Int32 => source.TryRead(mapped, out var number) && number == literal,
            (ValueProducer<long> source, long literal) => source.TryRead(mapped, out var number) && number == literal,
            (ValueProducer<float> source, float literal) => source.TryRead(mapped, out var number) && number.Equals(literal),
            (ValueProducer<double> source, double literal) => source.TryRead(mapped, out var number) && number.Equals(literal),
            (ValueProducer<List<TextSlice?>> source, _) when _texts is not null => source.TryRead(mapped, out var list) && IsEqual(mapped, list),
            _ => _source.IsPresent(mapped) && false,
        };
        return true;
    }

    private bool IsEqual(in MappedEvent mapped, List<TextSlice?> list)
    {
        if (list.Count != _texts!.Length)
            return false;
        for (var index = 0; index < list.Count; index++)
        {
            if (list[index].HasValue == (_texts[index] is null) || list[index] is { } text && !mapped.Read(text).SequenceEqual(_texts[index]))
                return false;
        }
        return true;
    }
}
