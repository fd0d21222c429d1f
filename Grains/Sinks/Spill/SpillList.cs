using System.Text;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// The spill files of a sink's queue in a directory that several processes share, as stored with its progress: what is not named here, or lies behind the length
/// that is named, is nobody's.
/// </summary>
/// <param name="Mark">How far they hold the backlog.</param>
/// <param name="Files">The files, in order.</param>
internal sealed record SpillList(SpillMark Mark, IReadOnlyList<SpillFile> Files)
{
    private const byte Version = 1;

    /// <summary>The bytes of a list, version 1.</summary>
    public byte[] Write()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(Mark.Through);
        writer.Write7BitEncodedInt(Mark.Accepted.Count);
        foreach (var count in Mark.Accepted)
        {
            writer.Write(count.Source);
            writer.Write(count.Events);
        }
        writer.Write7BitEncodedInt(Files.Count);
        foreach (var file in Files)
        {
            writer.Write(file.Incarnation);
            writer.Write(file.Start);
            writer.Write(file.Epoch);
            writer.Write(file.Length);
        }
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Reads a stored list; nothing stored is an empty one.</summary>
    /// <exception cref="InvalidDataException">The bytes are no list, or one of a later version.</exception>
    public static SpillList Read(int queue, ReadOnlyMemory<byte> stored)
    {
        if (stored.IsEmpty)
            return new SpillList(SpillMark.None, []);
        try
        {
            using var reader = new BinaryReader(new MemoryStream(stored.ToArray()), Encoding.UTF8);
            if (reader.ReadByte() is var version && version != Version)
                throw new InvalidDataException($"The list of spill files has version {version}; this release reads version {Version}.");
            var through = reader.ReadInt64();
            var accepted = new SourceCount[reader.Read7BitEncodedInt()];
            for (var at = 0; at < accepted.Length; at++)
                accepted[at] = new SourceCount(reader.ReadString(), reader.ReadInt64());
            var files = new SpillFile[reader.Read7BitEncodedInt()];
            for (var at = 0; at < files.Length; at++)
                files[at] = new SpillFile(queue, reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64()) { Length = reader.ReadInt64() };
            for (var at = 0; at < files.Length; at++)
                files[at].Through = at + 1 < files.Length ? files[at + 1].Start : through;
            return new SpillList(new SpillMark(through, accepted), files);
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or OverflowException)
        {
            throw new InvalidDataException("The list of spill files cannot be read.", exception);
        }
    }
}
