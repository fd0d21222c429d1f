using System.Buffers;
using System.Buffers.Binary;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Deduplication;

/// <summary>
/// A shard's memory as bytes for its way to another silo. What does not fit is left out, the oldest events first; the journal's marks, which
/// are read in any case, make up for it.
/// </summary>
/// <remarks>
/// Little-endian: format (8 bits; the layout is the same in all so far), count of events (32), then for each its key (64) and first sight (64, milliseconds since 1970 by the store's clock);
/// count of frontends (32), then for each its id (16 bytes), settled-below (64), last seen (64), count of sequences (32) and the sequences (64 each).
/// </remarks>
internal static class ShardMemorySnapshot
{
    /// <summary>The most events. All shards of a silo may go in one message, which Orleans limits to 100 MiB.</summary>
    public const int EventsMax = 80_000;

    private const int EventLength = 16;
    private const int FrontendLength = 36;

    /// <summary>Writes a memory that is at rest, in the cluster's format.</summary>
    public static void Write(ShardMemory memory, int format, IBufferWriter<byte> target)
    {
        var events = memory.Window.Newest(EventsMax, memory.Clock.Now).ToArray();
        var frontends = memory.Redeliveries.ToList();
        var length = 1 + 4 + events.Length * EventLength + 4 + frontends.Sum(LengthOf);
        var writer = new SpanWriter(target.GetSpan(length));
        writer.Byte(checked((byte)format));
        writer.Int32(events.Length);
        foreach (var (key, seenAt) in events)
        {
            writer.Int64((long)key);
            writer.Int64(seenAt.ToUnixTimeMilliseconds());
        }
        writer.Int32(frontends.Count);
        foreach (var frontend in frontends)
            Write(ref writer, frontend);
        target.Advance(length);
    }

    /// <summary>Adds what a snapshot holds to a new memory.</summary>
    /// <returns>False when the bytes are of an unknown format or not whole; some of it may be added then, which does no harm.</returns>
    public static bool TryRead(ReadOnlySpan<byte> snapshot, ShardMemory memory, DateTimeOffset now)
    {
        var reader = new SpanReader(snapshot);
        if (!reader.Has(1) || !GridFormat.Reads(reader.Byte()) || !reader.HasMany(EventLength, out var events))
            return false;
        for (; events > 0; events--)
        {
            var key = (ulong)reader.Int64();
            if (reader.TryTime(out var seenAt))
                memory.Window.Restore(key, seenAt, now);
        }
        if (!reader.HasMany(FrontendLength, out var frontends))
            return false;
        for (; frontends > 0; frontends--)
        {
            if (!TryRead(ref reader, out var frontend))
                return false;
            memory.Redeliveries.Restore(frontend);
        }
        return true;
    }

    private static int LengthOf(FrontendRedelivery frontend) => FrontendLength + frontend.Appended.Count * sizeof(long);

    private static void Write(ref SpanWriter writer, FrontendRedelivery frontend)
    {
        writer.Guid(frontend.Frontend);
        writer.Int64(frontend.SettledBelow);
        writer.Int64(frontend.LastSeen.ToUnixTimeMilliseconds());
        writer.Int32(frontend.Appended.Count);
        foreach (var sequence in frontend.Appended)
            writer.Int64(sequence);
    }

    private static bool TryRead(ref SpanReader reader, out FrontendRedelivery frontend)
    {
        frontend = new FrontendRedelivery(default, 0, [], default);
        if (!reader.Has(FrontendLength))
            return false;
        var id = reader.Guid();
        var settledBelow = reader.Int64();
        if (!reader.TryTime(out var lastSeen) || !reader.HasMany(sizeof(long), out var count))
            return false;
        var appended = new long[count];
        for (var index = 0; index < count; index++)
            appended[index] = reader.Int64();
        frontend = new FrontendRedelivery(id, settledBelow, appended, lastSeen);
        return true;
    }

    private ref struct SpanWriter(Span<byte> target)
    {
        private Span<byte> _rest = target;

        public void Byte(byte value)
        {
            _rest[0] = value;
            _rest = _rest[1..];
        }

        public void Int32(int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_rest, value);
            _rest = _rest[sizeof(int)..];
        }

        public void Int64(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_rest, value);
            _rest = _rest[sizeof(long)..];
        }

        public void Guid(Guid value)
        {
            value.TryWriteBytes(_rest);
            _rest = _rest[16..];
        }
    }

    private ref struct SpanReader(ReadOnlySpan<byte> source)
    {
        private ReadOnlySpan<byte> _rest = source;

        public readonly bool Has(int length) => _rest.Length >= length;

        /// <summary>Reads a count, if so many things of a length, or more, can follow.</summary>
        public bool HasMany(int length, out int count)
        {
            count = 0;
            if (!Has(sizeof(int)))
                return false;
            count = BinaryPrimitives.ReadInt32LittleEndian(_rest);
            _rest = _rest[sizeof(int)..];
            return count >= 0 && (long)count * length <= _rest.Length;
        }

        public byte Byte()
        {
            var value = _rest[0];
            _rest = _rest[1..];
            return value;
        }

        public long Int64()
        {
            var value = BinaryPrimitives.ReadInt64LittleEndian(_rest);
            _rest = _rest[sizeof(long)..];
            return value;
        }

        public bool TryTime(out DateTimeOffset time)
        {
            var milliseconds = Int64();
            var isTime = milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
            time = isTime ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : default;
            return isTime;
        }

        public Guid Guid()
        {
            var value = new Guid(_rest[..16]);
            _rest = _rest[16..];
            return value;
        }
    }
}
