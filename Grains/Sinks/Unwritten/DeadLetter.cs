using System.Buffers;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Unwritten;

/// <summary>An event that no record reached a destination for: kept with the reason, readable, and whole so that it can be replayed.</summary>
/// <param name="Time">When it was kept.</param>
/// <param name="Sink">Name of the sink.</param>
/// <param name="Mapping">Name of the mapping.</param>
/// <param name="Reason"><see cref="DropReason.Unmappable"/> or <see cref="DropReason.Refused"/>.</param>
/// <param name="Explanation">What went wrong.</param>
/// <param name="Queue">Number of the queue.</param>
/// <param name="Position">Position of its entry: with queue and index the same after a crash, so that a repetition can be told.</param>
/// <param name="Index">Its index in the entry.</param>
/// <param name="Frame">The event.</param>
internal sealed record DeadLetter(
    DateTimeOffset Time,
    string Sink,
    string Mapping,
    DropReason Reason,
    string Explanation,
    int Queue,
    JournalPosition Position,
    int Index,
    ReadOnlyMemory<byte> Frame)
{
    private const int Version = 1;

    /// <summary>How often a replay has tried the event again, in vain.</summary>
    public int Replays { get; init; }

    /// <summary>What tells one letter from another: the same for one that a crash has kept twice.</summary>
    public DeadLetterKey Key => new(Sink, Mapping, Queue, Position, Index, XxHash3.HashToUInt64(Frame.Span));

    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Appends the letter as one line of JSON.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, Version);
            json.WriteString("time"u8, Time);
            json.WriteString("sink"u8, Sink);
            json.WriteString("mapping"u8, Mapping);
            json.WriteString("reason"u8, Reason.ToString());
            json.WriteString("explanation"u8, Encoding.UTF8.GetBytes(Explanation)); // bytes: half a surrogate pair must not stop the letter
            json.WriteNumber("queue"u8, Queue);
            json.WriteNumber("incarnation"u8, Position.Incarnation);
            json.WriteNumber("offset"u8, Position.Offset);
            json.WriteNumber("index"u8, Index);
            if (Replays > 0)
                json.WriteNumber("replays"u8, Replays);
            WriteEvent(json);
            json.WriteBase64String("frame"u8, Frame.Span);
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    /// <summary>The letter as its line, without the line's end.</summary>
    public string ToLine()
    {
        var line = new ArrayBufferWriter<byte>();
        WriteTo(line);
        return Encoding.UTF8.GetString(line.WrittenSpan[..^1]);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote; null when the line is no letter, for example torn by a crash.</summary>
    public static DeadLetter? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.GetProperty("version"u8).GetInt32() != Version || !Enum.TryParse<DropReason>(root.GetProperty("reason"u8).GetString(), out var reason))
                return null;
            return new DeadLetter(
                root.GetProperty("time"u8).GetDateTimeOffset(),
                root.GetProperty("sink"u8).GetString()!,
                root.GetProperty("mapping"u8).GetString()!,
                reason,
                root.GetProperty("explanation"u8).GetString()!,
                root.GetProperty("queue"u8).GetInt32(),
                new JournalPosition(root.GetProperty("incarnation"u8).GetInt64(), root.GetProperty("offset"u8).GetInt64()),
                root.GetProperty("index"u8).GetInt32(),
                root.GetProperty("frame"u8).GetBytesFromBase64())
            {
                Replays = root.TryGetProperty("replays"u8, out var replays) ? replays.GetInt32() : 0,
            };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The event for the eyes of people; bytes that are no UTF-8 become replacement characters, and the frame has them as they were.</summary>
    private void WriteEvent(Utf8JsonWriter json)
    {
        var frame = EventFrameReader.Parse(Frame.Span);
        json.WriteStartObject("event"u8);
        json.WriteNumber("requestTime"u8, frame.RequestTime);
        json.WriteNumber("clientTime"u8, frame.ClientTime);
        json.WriteString("flags"u8, frame.Flags.ToString());
        foreach (var slot in Enum.GetValues<FrameSlot>())
        {
            if (frame.Has(slot))
                json.WriteString(JsonNamingPolicy.CamelCase.ConvertName(slot.ToString()), Encoding.UTF8.GetString(frame[slot]));
        }
        foreach (var number in Enum.GetValues<FrameNumber>())
        {
            if (frame.Number(number) is { } value)
                json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(number.ToString()), value);
        }
        json.WriteStartArray("headers"u8);
        foreach (var header in frame.Headers)
            json.WriteStringValue($"{Encoding.Latin1.GetString(header.Name)}: {Encoding.Latin1.GetString(header.Value)}");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>
/// Names a dead letter. With the hash of the event, because processes with journals of their own may share a directory and so have the same positions.
/// </summary>
internal readonly record struct DeadLetterKey(string Sink, string Mapping, int Queue, JournalPosition Position, int Index, ulong FrameHash);
