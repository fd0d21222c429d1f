using System.Buffers;
using Divolte.Frontend.Requests;
using Divolte.Grains.Interfaces.Identity;

namespace Divolte.Frontend.Browser;

/// <summary>
/// Tells a query that was cut or rewritten on its way. The tag hashes all its parameters, sorted by name, over their true UTF-8 bytes and sends the hash
/// as a signed number in base 36 in <c>x</c>.
/// </summary>
internal static class BrowserEventChecksum
{
    /// <summary>Up to so many parameters are sorted by insertion, which beats anything else on the dozen that the tag sends.</summary>
    private const int InsertionSortMax = 64;

    /// <summary>Whether the first <c>x</c> is the checksum of all other parameters.</summary>
    public static bool IsRight(QueryParameters query)
    {
        var checksum = query.IndexOf("x"u8);
        return checksum >= 0 && Base36.TryParse(query.ValueOf(checksum), out long expected) && expected == Compute(query);
    }

    /// <summary>The hash of the canonical text: for each name in order <c>NAME=VALUE,VALUE,;</c> without <c>x</c>.</summary>
    public static int Compute(QueryParameters query)
    {
        var order = ArrayPool<int>.Shared.Rent(Math.Max(query.Count, 1));
        var count = Sort(query, order);
        var length = 0;
        for (var index = 0; index < count; index++)
            length += query.NameOf(order[index]).Length + query.ValueOf(order[index]).Length + 3;

        var text = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1));
        var hash = MurmurHash3.Hash32(text.AsSpan(0, WriteCanonical(query, order.AsSpan(0, count), text)));
        ArrayPool<byte>.Shared.Return(text);
        ArrayPool<int>.Shared.Return(order);
        return hash;
    }

    private static int WriteCanonical(QueryParameters query, ReadOnlySpan<int> order, Span<byte> target)
    {
        var length = 0;
        ReadOnlySpan<byte> previous = default;
        for (var index = 0; index < order.Length; index++)
        {
            var name = query.NameOf(order[index]);
            var isRepeated = index > 0 && name.SequenceEqual(previous);
            if (!isRepeated)
            {
                if (index > 0)
                    target[length++] = (byte)';';
                name.CopyTo(target[length..]);
                length += name.Length;
                target[length++] = (byte)'=';
                previous = name;
            }
            var value = query.ValueOf(order[index]);
            value.CopyTo(target[length..]);
            length += value.Length;
            target[length++] = (byte)',';
        }
        if (order.Length > 0)
            target[length++] = (byte)';';
        return length;
    }

    private static int Sort(QueryParameters query, int[] order)
    {
        var count = 0;
        for (var index = 0; index < query.Count; index++)
        {
            if (!query.NameOf(index).SequenceEqual("x"u8))
                order[count++] = index;
        }
        if (count > InsertionSortMax)
        {
            order.AsSpan(0, count).Sort((left, right) => Compare(query, left, right));
            return count;
        }
        for (var sorted = 1; sorted < count; sorted++)
        {
            var current = order[sorted];
            var slot = sorted;
            for (; slot > 0 && Compare(query, order[slot - 1], current) > 0; slot--)
                order[slot] = order[slot - 1];
            order[slot] = current;
        }
        return count;
    }

    private static int Compare(QueryParameters query, int left, int right)
    {
        var byName = CompareAsUtf16(query.NameOf(left), query.NameOf(right));
        return byName != 0 ? byName : left - right;
    }

    /// <summary>
    /// The order of JavaScript's sort, by UTF-16 units. It is that of the UTF-8 bytes, except that characters outside the basic plane, whose units are
    /// surrogates, come before U+E000 to U+FFFF.
    /// </summary>
    internal static int CompareAsUtf16(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
            return left.Length - right.Length;
        var (one, other) = (left[common], right[common]);
        var isEitherBehindSurrogates = one is 0xee or 0xef || other is 0xee or 0xef;
        return isEitherBehindSurrogates && (one >= 0xf0 || other >= 0xf0) ? other - one : one - other;
    }
}
