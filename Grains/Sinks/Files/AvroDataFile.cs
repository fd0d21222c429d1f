using System.Buffers;
using System.Text;

namespace Divolte.Grains.Sinks.Files;

/// <summary>
/// Writes an Avro object container file of records that are already encoded: the header with <c>avro.schema</c> as its only metadata (so readers assume
/// no compression), then blocks of count, length, records and the file's sync marker.
/// </summary>
internal sealed class AvroDataFile : IDisposable
{
    /// <summary>Length of the sync marker in bytes.</summary>
    public const int MarkerLength = 16;

    /// <summary>A block is ended early at so many bytes, so that a generous sync interval does not cost memory; readers see no difference.</summary>
    public const int BlockBytesMax = 1 << 20;

    // Two longs as variable-length numbers.
    private const int BlockHeaderMax = 2 * 10;

    private readonly IStoredFile _file;
    private readonly byte[] _marker;
    private readonly int _blockRecordsMax;
    private byte[] _block = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int _blockEnd = BlockHeaderMax;
    private int _blockRecords;

    private AvroDataFile(IStoredFile file, byte[] marker, int blockRecordsMax)
    {
        _file = file;
        _marker = marker;
        _blockRecordsMax = Math.Max(1, blockRecordsMax);
    }

    /// <summary>Length of everything written, in bytes; the records of an unfinished block not counted.</summary>
    public long Length { get; private set; }

    /// <summary>Records appended so far.</summary>
    public long Records { get; private set; }

    /// <summary>Begins a file.</summary>
    /// <param name="file">The new, empty file; owned from now on.</param>
    /// <param name="schemaJson">The schema as the header shall carry it.</param>
    /// <param name="marker">Sixteen random bytes.</param>
    /// <param name="blockRecordsMax">Most records in one block.</param>
    public static AvroDataFile Begin(IStoredFile file, string schemaJson, byte[] marker, int blockRecordsMax)
    {
        var dataFile = new AvroDataFile(file, marker, blockRecordsMax);
        var header = HeaderOf(schemaJson, marker);
        file.Write(0, header);
        dataFile.Length = header.Length;
        return dataFile;
    }

    /// <summary>Appends one encoded record; may write a full block to the file.</summary>
    public void Append(ReadOnlySpan<byte> record)
    {
        if (_blockRecords == _blockRecordsMax || (_blockRecords > 0 && _blockEnd + record.Length > BlockBytesMax))
            EndBlock();
        Reserve(record.Length + MarkerLength);
        record.CopyTo(_block.AsSpan(_blockEnd));
        _blockEnd += record.Length;
        _blockRecords++;
        Records++;
    }

    /// <summary>Writes what is pending as a block and forces the file to stable storage.</summary>
    public void Sync()
    {
        EndBlock();
        _file.Sync();
    }

    public void Dispose()
    {
        _file.Dispose();
        ArrayPool<byte>.Shared.Return(_block);
        _block = [];
    }

    /// <summary>The header of a file.</summary>
    public static byte[] HeaderOf(string schemaJson, ReadOnlySpan<byte> marker)
    {
        var schema = Encoding.UTF8.GetBytes(schemaJson);
        var key = "avro.schema"u8;
        var header = new ArrayBufferWriter<byte>(schema.Length + 64);
        header.Write(AvroFileReader.Magic);
        WriteLong(header, 1); // one metadata entry
        WriteLong(header, key.Length);
        header.Write(key);
        WriteLong(header, schema.Length);
        header.Write(schema);
        WriteLong(header, 0); // end of the metadata
        header.Write(marker);
        return header.WrittenSpan.ToArray();
    }

    private void EndBlock()
    {
        if (_blockRecords == 0)
            return;
        var dataLength = _blockEnd - BlockHeaderMax;
        Span<byte> header = stackalloc byte[BlockHeaderMax];
        var headerLength = AvroLong.Write(header, _blockRecords);
        headerLength += AvroLong.Write(header[headerLength..], dataLength);
        // The header's length is known only now: it is put right before the records, so that the block is one write.
        var start = BlockHeaderMax - headerLength;
        header[..headerLength].CopyTo(_block.AsSpan(start));
        Reserve(MarkerLength);
        _marker.CopyTo(_block, _blockEnd);
        var block = _block.AsSpan(start, _blockEnd + MarkerLength - start);
        _file.Write(Length, block);
        Length += block.Length;
        (_blockEnd, _blockRecords) = (BlockHeaderMax, 0);
    }

    private void Reserve(int length)
    {
        if (length <= _block.Length - _blockEnd)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_blockEnd + length, 2 * _block.Length));
        _block.AsSpan(0, _blockEnd).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_block);
        _block = larger;
    }

    private static void WriteLong(ArrayBufferWriter<byte> target, long value)
    {
        var length = AvroLong.Write(target.GetSpan(10), value);
        target.Advance(length);
    }
}
