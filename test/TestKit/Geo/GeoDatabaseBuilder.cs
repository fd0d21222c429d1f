using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Divolte.TestKit.Geo;

/// <summary>
/// Writes databases in the MaxMind DB format, the well-formed ones that nobody publishes for tests and those that are made to do harm:
/// <c>new GeoDatabaseBuilder().Add("81.2.69.0/24", record).Build()</c>.
/// </summary>
public sealed class GeoDatabaseBuilder
{
    private readonly List<long[]> _nodes = [[-1, -1]];
    private readonly MemoryStream _data = new();

    /// <summary>24, 28 or 32.</summary>
    public int RecordBits { get; init; } = 28;

    public bool IsIpv6 { get; init; } = true;

    /// <summary>Replaces entries of the metadata.</summary>
    public Dictionary<string, object> Metadata { get; } = new() { ["database_type"] = "Test-City", ["build_epoch"] = 1_700_000_000u };

    /// <summary>Gives a network a record. More specific ones come later.</summary>
    /// <param name="network"><c>address/bits</c>.</param>
    /// <param name="record">
    /// <see cref="Dictionary{TKey,TValue}"/> of string and object, string, double, float, int, uint, bool, array of objects, or <see cref="byte"/>[]
    /// for bytes of the format as they are.
    /// </param>
    public GeoDatabaseBuilder Add(string network, object record)
    {
        var offset = _data.Position;
        Write(_data, record);
        return AddAt(network, offset);
    }

    /// <summary>Gives a network the record at an offset of the data section.</summary>
    public GeoDatabaseBuilder AddAt(string network, long offset)
    {
        var slash = network.IndexOf('/', StringComparison.Ordinal);
        var address = IPAddress.Parse(network[..slash]).GetAddressBytes();
        var bits = int.Parse(network[(slash + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        var prefix = IsIpv6 && address.Length == 4 ? 96 : 0;
        var node = 0;
        for (var bit = 0; bit < prefix + bits; bit++)
        {
            var side = bit < prefix ? 0 : address[(bit - prefix) >> 3] >> (7 - ((bit - prefix) & 7)) & 1;
            if (bit == prefix + bits - 1)
            {
                _nodes[node][side] = ~(offset + 1);
                break;
            }
            var next = _nodes[node][side];
            if (next < 0)
            {
                // What the larger network has goes on in both halves.
                _nodes.Add([next, next]);
                _nodes[node][side] = next = _nodes.Count - 1;
            }
            node = (int)next;
        }
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] Build()
    {
        using var file = new MemoryStream();
        foreach (var node in _nodes)
            WriteNode(file, Number(node[0]), Number(node[1]));
        file.Write(new byte[16]);
        _data.WriteTo(file);
        file.Write([0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8]);
        var metadata = new Dictionary<string, object>
        {
            ["binary_format_major_version"] = 2u,
            ["node_count"] = (uint)_nodes.Count,
            ["record_size"] = (uint)RecordBits,
            ["ip_version"] = IsIpv6 ? 6u : 4u,
        };
        foreach (var (key, value) in Metadata)
            metadata[key] = value;
        Write(file, metadata);
        return file.ToArray();
    }

    private uint Number(long record) => record >= 0 ? (uint)record : record == -1 ? (uint)_nodes.Count : (uint)(~record - 1 + _nodes.Count + 16);

    private void WriteNode(Stream file, uint left, uint right)
    {
        Span<byte> four = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(four, left);
        BinaryPrimitives.WriteUInt32BigEndian(four[4..], right);
        switch (RecordBits)
        {
            case 24:
                file.Write(four[1..4]);
                file.Write(four[5..8]);
                break;
            case 28:
                file.Write(four[1..4]);
                file.WriteByte((byte)(four[0] << 4 | four[4]));
                file.Write(four[5..8]);
                break;
            default:
                file.Write(four);
                break;
        }
    }

    private static void Write(Stream stream, object value)
    {
        Span<byte> eight = stackalloc byte[8];
        switch (value)
        {
            case byte[] raw:
                stream.Write(raw);
                break;
            case string text:
                var bytes = Encoding.UTF8.GetBytes(text);
                WriteHeader(stream, 2, bytes.Length);
                stream.Write(bytes);
                break;
            case double number:
                WriteHeader(stream, 3, 8);
                BinaryPrimitives.WriteDoubleBigEndian(eight, number);
                stream.Write(eight);
                break;
            case float number:
                WriteHeader(stream, 15, 4);
                BinaryPrimitives.WriteSingleBigEndian(eight, number);
                stream.Write(eight[..4]);
                break;
            case int number:
                WriteHeader(stream, 8, 4);
                BinaryPrimitives.WriteInt32BigEndian(eight, number);
                stream.Write(eight[..4]);
                break;
            case uint number:
                BinaryPrimitives.WriteUInt32BigEndian(eight, number);
                var zeros = eight[..4].IndexOfAnyExcept((byte)0) is >= 0 and var first ? first : 4;
                WriteHeader(stream, 6, 4 - zeros);
                stream.Write(eight[zeros..4]);
                break;
            case bool flag:
                WriteHeader(stream, 14, flag ? 1 : 0);
                break;
            case object[] items:
                WriteHeader(stream, 11, items.Length);
                foreach (var item in items)
                    Write(stream, item);
                break;
            case Dictionary<string, object> map:
                WriteHeader(stream, 7, map.Count);
                foreach (var (key, entry) in map)
                {
                    Write(stream, key);
                    Write(stream, entry);
                }
                break;
            default:
                throw new ArgumentException($"No type of the format takes a {value.GetType().Name}.");
        }
    }

    private static void WriteHeader(Stream stream, int type, int size)
    {
        var small = size < 29 ? size : size < 285 ? 29 : 30;
        stream.WriteByte((byte)((type < 8 ? type << 5 : 0) | small));
        if (type >= 8)
            stream.WriteByte((byte)(type - 7));
        if (small == 29)
            stream.WriteByte((byte)(size - 29));
        else if (small == 30)
            stream.Write([(byte)((size - 285) >> 8), (byte)(size - 285)]);
    }
}
