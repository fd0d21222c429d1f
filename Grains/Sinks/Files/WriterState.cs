using System.Text.Json;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Files;

/// <summary>A file that is not yet published, with what of it is confirmed.</summary>
/// <param name="Partial">Where it lies while it is written.</param>
/// <param name="Published">Where it shall lie.</param>
/// <param name="Length">Its confirmed length in bytes: header and whole blocks.</param>
/// <param name="Records">Records up to there; a file without any is discarded.</param>
internal sealed record OpenFileState(string Partial, string Published, long Length, long Records);

/// <summary>
/// What one writer has confirmed: its unpublished files and how far each queue has come. Written after each sync and before anybody is told, so that a
/// start after a crash cuts the files back to exactly what was confirmed. Version 1.
/// </summary>
/// <param name="Files">Files that are not yet published: the open one, and those that trouble has left behind.</param>
/// <param name="Positions">Per queue, the position up to which everything is confirmed.</param>
internal sealed record WriterState(IReadOnlyList<OpenFileState> Files, IReadOnlyDictionary<int, JournalPosition> Positions)
{
    private const int Version = 1;

    public static readonly WriterState Empty = new([], new Dictionary<int, JournalPosition>());

    /// <summary>The later of two positions: a newer incarnation first, then the offset.</summary>
    public static JournalPosition Later(JournalPosition one, JournalPosition other) =>
        (one.Incarnation, one.Offset).CompareTo((other.Incarnation, other.Offset)) >= 0 ? one : other;

    /// <summary>The state as the text of its file.</summary>
    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteStartArray("files");
            foreach (var file in Files)
            {
                json.WriteStartObject();
                json.WriteString("partial", file.Partial);
                json.WriteString("published", file.Published);
                json.WriteNumber("length", file.Length);
                json.WriteNumber("records", file.Records);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("positions");
            foreach (var (queue, position) in Positions.OrderBy(pair => pair.Key))
            {
                json.WriteStartObject();
                json.WriteNumber("queue", queue);
                json.WriteNumber("incarnation", position.Incarnation);
                json.WriteNumber("offset", position.Offset);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The text is no state of a known version.</exception>
    public static WriterState Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.GetProperty("version").GetInt32() is not Version and var version)
                throw new InvalidDataException($"version {version} is unknown; this build reads version {Version}");
            return new WriterState(
                [.. root.GetProperty("files").EnumerateArray().Select(file => new OpenFileState(
                    file.GetProperty("partial").GetString()!,
                    file.GetProperty("published").GetString()!,
                    file.GetProperty("length").GetInt64(),
                    file.GetProperty("records").GetInt64()))],
                root.GetProperty("positions").EnumerateArray().ToDictionary(
                    entry => entry.GetProperty("queue").GetInt32(),
                    entry => new JournalPosition(entry.GetProperty("incarnation").GetInt64(), entry.GetProperty("offset").GetInt64())));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
    }
}
