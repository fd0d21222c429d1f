using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Frontend.Spool;

/// <summary>One segment file: a header with the frontend that wrote it, then parts. Its counters are guarded by the spool's lock.</summary>
internal sealed class SpoolSegment(int number, Guid frontend, IStableFile file) : IDisposable
{
    public const int HeaderLength = 64;

    private const int Version = 1;
    private const string Prefix = "spool-";
    private const string Suffix = ".seg";

    private static ReadOnlySpan<byte> Magic => "DIVSPOOL"u8;

    public int Number => number;

    /// <summary>Under whose id its parts are delivered.</summary>
    public Guid Frontend => frontend;

    public IStableFile File => file;

    public string Name => NameOf(number);

    /// <summary>Bytes reserved on disk.</summary>
    public long Length { get; } = file.Length;

    /// <summary>Where the next part goes.</summary>
    public int End { get; set; } = HeaderLength;

    /// <summary>Parts that are not delivered yet.</summary>
    public int Unsettled { get; set; }

    /// <summary>A copy of it was kept aside, because parts of it were found damaged.</summary>
    public bool IsKeptAside { get; set; }

    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:d8}{Suffix}");

    /// <summary>The number in a file's name; null for other files.</summary>
    public static int? NumberOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>The header of a new file: magic, version (16 bits), shards (16), number (32), frontend (16 bytes), name of the routing (16 bytes), checksum (64).</summary>
    public static byte[] Header(int number, Guid frontend, SpoolOwner owner)
    {
        var bytes = new byte[HeaderLength];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), checked((ushort)owner.Shards));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), number);
        frontend.TryWriteBytes(bytes.AsSpan(16));
        System.Text.Encoding.ASCII.GetBytes(owner.RouteBy, bytes.AsSpan(32, 16));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HeaderLength - 8), XxHash3.HashToUInt64(bytes.AsSpan(0, HeaderLength - 8)));
        return bytes;
    }

    /// <summary>Reads the frontend from a header.</summary>
    /// <returns>Null when the header is damaged; every part names its frontend too.</returns>
    /// <exception cref="SpoolException">A later release wrote it, or it belongs to another cluster.</exception>
    public static Guid? ReadHeader(ReadOnlySpan<byte> bytes, int number, SpoolOwner owner, string directory)
    {
        if (bytes.Length < HeaderLength || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[(HeaderLength - 8)..]) != XxHash3.HashToUInt64(bytes[..(HeaderLength - 8)])
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) != number)
            return null;
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version > Version)
            throw new SpoolException($"The spool in {directory} has format {version}; this release reads format {Version}.");
        var stored = new SpoolOwner(
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]), System.Text.Encoding.ASCII.GetString(bytes.Slice(32, 16).TrimEnd((byte)0)));
        if (stored != owner)
        {
            throw new SpoolException(
                $"The spool in {directory} holds events for a cluster with {stored.Shards} shards and route_by = {stored.RouteBy}; the configuration says "
                + $"{owner.Shards} and {owner.RouteBy}. Set it back until the spool is empty, or give this frontend another spool directory.");
        }
        return new Guid(bytes.Slice(16, 16));
    }

    public void Dispose() => file.Dispose();
}

/// <summary>Whose events a spool holds: parts mean something only to a cluster with the same numbers.</summary>
internal sealed record SpoolOwner(int Shards, string RouteBy);

/// <summary>A spool cannot be opened as asked. The message is for the operator.</summary>
public sealed class SpoolException(string message, Exception? inner = null) : IOException(message, inner);
