using System.Buffers.Binary;
using System.IO.Hashing;
using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Frontend.Spool;

/// <summary>
/// Up to which sequence the parts of each frontend and shard are delivered. Kept in two files that are written in turn, so that one is whole at any time.
/// It only spares deliveries after a restart: what it does not know is delivered again, and the grid knows it.
/// </summary>
/// <remarks>A file: magic (8 bytes), generation (64 bits), rows (32), rows of frontend (16 bytes), shard (32 bits) and sequence (64), checksum (64).</remarks>
internal sealed class SpoolProgress
{
    private const int HeadLength = 20;
    private const int RowLength = 28;
    private const int RowsMax = 1 << 20;
    private static readonly string[] Names = ["progress-0", "progress-1"];

    private readonly Dictionary<(Guid Frontend, int Shard), long> _settled = [];
    private long _generation;

    private static ReadOnlySpan<byte> Magic => "DIVSPRG1"u8;

    /// <summary>Reads the newer of the two files that is whole; empty without any.</summary>
    public static SpoolProgress Read(IStableFiles files)
    {
        var newest = new SpoolProgress();
        foreach (var name in files.List().Intersect(Names))
        {
            if (TryRead(files, name) is { } found && found._generation > newest._generation)
                newest = found;
        }
        return newest;
    }

    public static bool IsName(string name) => Names.Contains(name);

    public bool IsSettled(Guid frontend, int shard, long sequence) => _settled.GetValueOrDefault((frontend, shard)) >= sequence;

    /// <summary>Everything of a frontend and shard up to a sequence is delivered.</summary>
    public void Settle(Guid frontend, int shard, long sequence) => _settled[(frontend, shard)] = sequence;

    /// <summary>Forgets the frontends that have no part on disk any more.</summary>
    public void Retain(IReadOnlySet<Guid> frontends)
    {
        foreach (var key in _settled.Keys.Where(key => !frontends.Contains(key.Frontend)).ToList())
            _settled.Remove(key);
    }

    /// <summary>The bytes of the next generation, and the file that they go to.</summary>
    public (string Name, byte[] Bytes) Next()
    {
        _generation++;
        var bytes = new byte[HeadLength + _settled.Count * RowLength + sizeof(ulong)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), _generation);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), _settled.Count);
        var row = bytes.AsSpan(HeadLength);
        foreach (var ((frontend, shard), sequence) in _settled)
        {
            frontend.TryWriteBytes(row);
            BinaryPrimitives.WriteInt32LittleEndian(row[16..], shard);
            BinaryPrimitives.WriteInt64LittleEndian(row[20..], sequence);
            row = row[RowLength..];
        }
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - sizeof(ulong)), XxHash3.HashToUInt64(bytes.AsSpan(0, bytes.Length - sizeof(ulong))));
        return (Names[_generation % Names.Length], bytes);
    }

    /// <summary>Writes a generation, synced.</summary>
    public static void Write(IStableFiles files, string name, byte[] bytes)
    {
        using var file = files.Create(name, 0);
        file.Write([bytes], 0);
        file.Sync();
        files.SyncDirectory();
    }

    private static SpoolProgress? TryRead(IStableFiles files, string name)
    {
        using var file = files.Open(name);
        if (file.Length is < HeadLength + sizeof(ulong) or > HeadLength + RowsMax * (long)RowLength + sizeof(ulong))
            return null;
        var bytes = new byte[file.Length];
        var sum = bytes.Length - sizeof(ulong);
        if (file.Read(bytes, 0) < bytes.Length || !bytes.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(sum)) != XxHash3.HashToUInt64(bytes.AsSpan(0, sum))
            || HeadLength + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(16)) * RowLength != sum)
            return null;
        var progress = new SpoolProgress { _generation = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) };
        for (var row = HeadLength; row < sum; row += RowLength)
        {
            progress._settled[(new Guid(bytes.AsSpan(row, 16)), BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(row + 16)))] =
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(row + 20));
        }
        return progress;
    }
}
