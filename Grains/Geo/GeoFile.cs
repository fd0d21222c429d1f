using System.IO.Compression;
using System.IO.Hashing;

namespace Divolte.Grains.Geo;

/// <summary>
/// The file of a database. It is read into memory and never mapped: a mapped file that somebody overwrites gives torn look-ups, and one that is cut
/// off ends the process.
/// </summary>
internal static class GeoFile
{
    /// <summary>Most bytes that a file may have, unpacked too. A City database has 60 to 150 MB.</summary>
    public const long BytesMax = 1 << 30;

    /// <summary>How much of a file's end tells versions apart: the metadata with the time when it was built.</summary>
    private const int TailBytes = 4096;

    /// <summary>Reads and checks a database.</summary>
    /// <param name="path">A <c>.mmdb</c> file, or one packed with gzip whose name ends in <c>.gz</c>.</param>
    /// <param name="problem">Why it cannot be used, naming the file; null when it can.</param>
    /// <param name="bytesMax">See <see cref="BytesMax"/>.</param>
    public static GeoDatabase? Read(string path, out string? problem, long bytesMax = BytesMax)
    {
        GeoDatabase? database = null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var bytes = path.EndsWith(".gz", StringComparison.Ordinal) ? Unpack(file, bytesMax) : ReadAll(file, bytesMax);
            if (bytes is null)
                problem = $"it has more than {bytesMax} bytes";
            else
                database = GeoDatabase.Read(bytes, out problem);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or NotSupportedException)
        {
            problem = exception is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : exception.Message;
        }
        problem = problem is null ? null : $"divolte.global.mapper.ip2geo_database = {path}: {problem}.";
        return database;
    }

    /// <summary>What changes when the file does, links followed: null when it cannot be read.</summary>
    public static GeoFileVersion? VersionOf(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(file);
            Span<byte> tail = stackalloc byte[TailBytes];
            var read = RandomAccess.Read(file, tail, Math.Max(0, length - TailBytes));
            return new GeoFileVersion(length, File.GetLastWriteTimeUtc(file), XxHash3.HashToUInt64(tail[..read]));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static byte[]? ReadAll(FileStream file, long bytesMax)
    {
        var length = file.Length;
        if (length > bytesMax)
            return null;
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        file.ReadExactly(bytes);
        return bytes;
    }

    private static byte[]? Unpack(FileStream file, long bytesMax)
    {
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var memory = new MemoryStream();
        var chunk = new byte[1 << 16];
        while (unpacked.Read(chunk) is > 0 and var read)
        {
            if (memory.Length + read > bytesMax)
                return null;
            memory.Write(chunk, 0, read);
        }
        return memory.ToArray();
    }
}

/// <summary>Tells versions of a file apart.</summary>
/// <param name="Length">Its bytes.</param>
/// <param name="WrittenAt">When it was written, as the file system says.</param>
/// <param name="TailHash">Hash of its end.</param>
internal readonly record struct GeoFileVersion(long Length, DateTime WrittenAt, ulong TailHash);
