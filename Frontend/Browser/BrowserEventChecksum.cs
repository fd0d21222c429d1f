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
    /// <summary>Names of up to so many ASCII characters are sorted as one number each; those of the tag are single letters.</summary>
    private const int ShortNameMax = 6;

    private const int IndexBits = 16;

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
        var count = Sort(query, order.AsSpan());
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

    /// <summary>Puts the indices of all parameters but <c>x</c> in order of name, then of appearance.</summary>
    private static int Sort(QueryParameters query, Span<int> order)
    {
        var keys = ArrayPool<ulong>.Shared.Rent(order.Length);
        var count = 0;
        var isShort = true;
        for (var index = 0; index < query.Count; index++)
        {
            var name = query.NameOf(index);
            if (name is [(byte)'x'])
                continue;
            isShort &= TryPack(name, out var packed);
            keys[count] = (packed << IndexBits) | (uint)index;
            order[count++] = index;
        }
        order = order[..count];
        if (isShort)
        {
            keys.AsSpan(0, count).Sort();
            for (var position = 0; position < count; position++)
                order[position] = (int)(keys[position] & ((1UL << IndexBits) - 1));
        }
        else
        {
            order.Sort((left, right) => Compare(query, left, right));
        }
        ArrayPool<ulong>.Shared.Return(keys);
        return count;
    }

    /// <summary>A number that sorts like the name; the zeros behind a shorter name come before any character of a longer one.</summary>
    private static bool TryPack(ReadOnlySpan<byte> name, out ulong packed)
    {
        packed = 0;
        if (name.Length > ShortNameMax)
            return false;
        for (var index = 0; index < ShortNameMax; index++)
            packed = (packed << 8) | (index < name.Length ? name[index] : (byte)0);
        return !name.ContainsAnyExceptInRange((byte)0x01, (byte)0x7f);
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
