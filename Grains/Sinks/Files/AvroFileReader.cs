using System.IO.Compression;
using System.Text;

namespace Divolte.Grains.Sinks.Files;

/// <summary>
/// Reads an Avro object container block by block, also one that is still being written: whatever is not a whole block at its end is left alone.
/// </summary>
internal sealed class AvroFileReader
{
    /// <summary>A block larger than this is taken for damage: no writer here makes one, and memory is bounded.</summary>
    private const int BlockBytesMax = 256 << 20;

    /// <summary>Records in a block whose records take no bytes, at most: damaged bytes may claim any number of them.</summary>
    private const int EmptyRecordsMax = 1_000_000;

    private readonly Stream _stream;
    private readonly byte[] _marker;
    private readonly string _codec;

    private AvroFileReader(Stream stream, string schemaJson, string codec, byte[] marker)
    {
        _stream = stream;
        SchemaJson = schemaJson;
        _codec = codec;
        _marker = marker;
        GoodLength = stream.Position;
    }

    /// <summary>What every container starts with.</summary>
    public static ReadOnlySpan<byte> Magic => "Obj\u0001"u8;

    /// <summary>The schema of the header.</summary>
    public string SchemaJson { get; }

    /// <summary>Bytes up to the end of the last whole block.</summary>
    public long GoodLength { get; private set; }

    /// <summary>Why the bytes behind <see cref="GoodLength"/> are no block; empty when there are none.</summary>
    public string TailProblem { get; private set; } = "";

    /// <summary>Reads the header.</summary>
    /// <param name="stream">A seekable stream at its start; read on as blocks are asked for.</param>
    /// <exception cref="InvalidDataException">It is no Avro container, or one with a codec other than <c>null</c> and <c>deflate</c>.</exception>
    public static AvroFileReader Open(Stream stream)
    {
        Span<byte> magic = stackalloc byte[4];
        if (stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) < 4 || !magic.SequenceEqual(Magic))
            throw new InvalidDataException("it is no Avro container: it does not start with Obj and 1");
        try
        {
            var metadata = ReadMetadata(stream);
            var marker = new byte[AvroDataFile.MarkerLength];
            stream.ReadExactly(marker);
            if (!metadata.TryGetValue("avro.schema", out var schema))
                throw new InvalidDataException("its header has no avro.schema");
            var codec = metadata.TryGetValue("avro.codec", out var named) ? Encoding.UTF8.GetString(named) : "null";
            return codec is "null" or "deflate" or ""
                ? new AvroFileReader(stream, Encoding.UTF8.GetString(schema), codec, marker)
                : throw new InvalidDataException($"its codec is {codec}; null and deflate can be read");
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException("its header is cut short");
        }
    }

    /// <summary>The next whole block; false at the end, or where <see cref="TailProblem"/> begins.</summary>
    /// <param name="count">Records in the block.</param>
    /// <param name="records">The records' bytes, uncompressed.</param>
    public bool TryReadBlock(out long count, out byte[] records)
    {
        (count, records) = (0, []);
        if (_stream.Position >= _stream.Length)
            return false;
        try
        {
            count = ReadLong(_stream);
            var length = ReadLong(_stream);
            if (count <= 0 || length < 0 || length > BlockBytesMax)
                return EndAt($"a block of {count} records in {length} bytes is impossible");
            if (length > _stream.Length - _stream.Position)
                return EndAt("the last block is not whole");
            records = new byte[length];
            _stream.ReadExactly(records);
            Span<byte> marker = stackalloc byte[AvroDataFile.MarkerLength];
            _stream.ReadExactly(marker);
            if (!marker.SequenceEqual(_marker))
                return EndAt("the block's sync marker is wrong");
            if (_codec == "deflate")
                records = Inflate(records);
            if (count > Math.Max(records.Length, EmptyRecordsMax))
                return EndAt($"a block of {count} records in {records.Length} bytes is impossible");
            GoodLength = _stream.Position;
            return true;
        }
        catch (InvalidDataException exception)
        {
            return EndAt(exception.Message);
        }
        catch (EndOfStreamException)
        {
            return EndAt("the last block is not whole");
        }
    }

    private bool EndAt(string problem)
    {
        TailProblem = problem;
        _stream.Position = _stream.Length;
        return false;
    }

    private static byte[] Inflate(byte[] deflated)
    {
        using var inflated = new MemoryStream();
        using var inflater = new DeflateStream(new MemoryStream(deflated), CompressionMode.Decompress);
        var buffer = new byte[64 << 10];
        for (int read; (read = inflater.Read(buffer)) > 0;)
        {
            if (inflated.Length + read > BlockBytesMax)
                throw new InvalidDataException($"a block inflates to more than {BlockBytesMax} bytes");
            inflated.Write(buffer, 0, read);
        }
        return inflated.ToArray();
    }

    private static Dictionary<string, byte[]> ReadMetadata(Stream stream)
    {
        const int entriesMax = 10_000;
        var metadata = new Dictionary<string, byte[]>();
        for (var count = ReadLong(stream); count != 0; count = ReadLong(stream))
        {
            if (count < 0)
            {
                count = -count;
                ReadLong(stream); // the size in bytes, for readers that skip
            }
            if (count > entriesMax || metadata.Count > entriesMax)
                throw new InvalidDataException("its header is damaged");
            for (; count > 0; count--)
                metadata[Encoding.UTF8.GetString(ReadBytes(stream))] = ReadBytes(stream);
        }
        return metadata;
    }

    private static byte[] ReadBytes(Stream stream)
    {
        var length = ReadLong(stream);
        if (length < 0 || length > stream.Length - stream.Position)
            throw new InvalidDataException("its header is damaged");
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static long ReadLong(Stream stream)
    {
        ulong bits = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = stream.ReadByte();
            if (next < 0)
                throw new EndOfStreamException();
            bits |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return (long)(bits >> 1) ^ -(long)(bits & 1);
        }
        throw new InvalidDataException("a number is longer than ten bytes");
    }
}
