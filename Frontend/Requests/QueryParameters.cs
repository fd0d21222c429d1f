using System.Text.Unicode;

namespace Divolte.Frontend.Requests;

/// <summary>
/// The decoded parameters of one query string, in order of appearance, as UTF-8 in one reused buffer. Names are case-sensitive. Not for several threads:
/// each thread owns one and reads it before it takes the next request.
/// </summary>
internal sealed class QueryParameters
{
    /// <summary>More parameters than this make a request malformed, as upstream has it.</summary>
    public const int CountMax = 1000;

    /// <summary>A buffer that one large request has grown beyond this many bytes is not kept.</summary>
    private const int RetainedBytesMax = 64 * 1024;

    private const int InitialBytes = 2048;

    private byte[] _bytes = new byte[InitialBytes];
    private Parameter[] _parameters = new Parameter[32];
    private int _length;

    /// <summary>How many parameters there are.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<byte> NameOf(int index) => _bytes.AsSpan(_parameters[index].Offset, _parameters[index].NameLength);

    public ReadOnlySpan<byte> ValueOf(int index) =>
        _bytes.AsSpan(_parameters[index].Offset + _parameters[index].NameLength, _parameters[index].ValueLength);

    /// <summary>Where the parameter stood in the query that was decoded, still encoded.</summary>
    public Range PieceOf(int index) => _parameters[index].Piece;

    /// <summary>Index of the first parameter with a name, or -1.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var index = 0; index < Count; index++)
        {
            if (NameOf(index).SequenceEqual(name))
                return index;
        }
        return -1;
    }

    /// <summary>
    /// Decodes a query: pieces between ampersands, split at their first equals sign; a plus is a blank, percent escapes are bytes of UTF-8.
    /// Empty pieces are skipped. What is no UTF-8 becomes U+FFFD.
    /// </summary>
    /// <param name="query">What stands behind the question mark, checked by <see cref="RequestTarget"/>.</param>
    /// <returns>False when there are more than <see cref="CountMax"/> parameters.</returns>
    public bool TryDecode(ReadOnlySpan<char> query)
    {
        Count = 0;
        _length = 0;
        // A replacement character takes three bytes where three characters of an escape stood, so this is always enough.
        Reserve(query.Length);
        var start = 0;
        while (start < query.Length)
        {
            if (query[start] == '&')
            {
                start++;
                continue;
            }
            if (Count == CountMax)
                return false;
            start = AddPiece(query, start);
        }
        return true;
    }

    /// <summary>Whether a query has more than <see cref="CountMax"/> parameters, empty ones counted, as upstream has it.</summary>
    public static bool HasTooMany(ReadOnlySpan<char> query) => query.Count('&') >= CountMax;

    /// <summary>Decodes one piece in one pass: most are a letter and a short value.</summary>
    /// <returns>Where the next piece may start.</returns>
    private int AddPiece(ReadOnlySpan<char> query, int start)
    {
        if (Count == _parameters.Length)
            Array.Resize(ref _parameters, 2 * Count);
        var offset = _length;
        var nameEnd = DecodePart(query, start, '=');
        var nameLength = _length - offset;
        var end = nameEnd < query.Length && query[nameEnd] == '=' ? DecodePart(query, nameEnd + 1, '&') : nameEnd;
        _parameters[Count++] = new Parameter(offset, nameLength, _length - offset - nameLength, start..end);
        return end + 1;
    }

    /// <summary>Decodes up to the end of the piece, or to the delimiter if that comes first.</summary>
    private int DecodePart(ReadOnlySpan<char> query, int start, char delimiter)
    {
        var target = _bytes.AsSpan(_length);
        var length = 0;
        var isAscii = true;
        var index = start;
        for (; index < query.Length; index++)
        {
            var character = query[index];
            if (character == '&' || character == delimiter)
                break;
            if (character == '%')
            {
                var value = PercentDecoding.ByteAt(query, index);
                isAscii &= value < 0x80;
                target[length++] = value;
                index += 2;
            }
            else
            {
                target[length++] = character == '+' ? (byte)' ' : (byte)character;
            }
        }
        if (!isAscii && !Utf8.IsValid(target[..length]))
            length = PercentDecoding.ReplaceMalformed(target, length);
        _length += length;
        return index;
    }

    private void Reserve(int length)
    {
        if (_bytes.Length < length || (_bytes.Length > RetainedBytesMax && length <= RetainedBytesMax))
            _bytes = new byte[Math.Max(length, InitialBytes)];
    }

    private readonly record struct Parameter(int Offset, int NameLength, int ValueLength, Range Piece);
}
