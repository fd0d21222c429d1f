using System.Runtime.CompilerServices;
using System.Text;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>
/// Memory of one mapping run, reused from event to event so that mapping does not allocate: the fields set so far, texts derived from the frame,
/// and values that several actions share. For one event at a time.
/// </summary>
internal sealed class EventScratch
{
    private const int ArenaCapacity = 8 * 1024;

    private readonly object?[] _cache;
    private byte[] _arena = new byte[ArenaCapacity];
    private int _arenaUsed;

    /// <param name="fieldCount">Fields of the record.</param>
    /// <param name="cacheSlots">Values that the program shares between actions.</param>
    public EventScratch(int fieldCount, int cacheSlots)
    {
        Fields = new RecordFields(fieldCount);
        _cache = new object?[cacheSlots];
    }

    public RecordFields Fields { get; }

    /// <summary>Values of an event that were converted to Avro binary.</summary>
    public AvroBuffer Encoded { get; } = new();

    /// <summary>JSON values of the event.</summary>
    public JsonTree Json { get; } = new();

    /// <summary>Number of the event; what was cached under another number is stale.</summary>
    public long Stamp { get; private set; }

    /// <summary>Why no record can be made of the event; null while one still can.</summary>
    public string? Failure { get; set; }

    /// <summary>Forgets the event before.</summary>
    public void Begin()
    {
        Stamp++;
        Failure = null;
        Fields.Clear();
        Encoded.Clear();
        Json.Clear();
        _arenaUsed = 0;
        if (_arena.Length > 16 * ArenaCapacity)
            _arena = new byte[ArenaCapacity];
    }

    /// <summary>Room for a text of at most so many bytes; <see cref="Keep(int)"/> says how many it became. Earlier texts stay where they are.</summary>
    public Span<byte> Reserve(int lengthMax)
    {
        if (lengthMax > _arena.Length - _arenaUsed)
        {
            // Earlier slices keep the old array alive; only new texts go to the new one.
            _arena = new byte[Math.Max(2 * _arena.Length, lengthMax)];
            _arenaUsed = 0;
        }
        return _arena.AsSpan(_arenaUsed, lengthMax);
    }

    /// <summary>Keeps what was written to the room that was reserved last.</summary>
    public TextSlice Keep(int length)
    {
        var slice = new TextSlice(_arena, _arenaUsed, length);
        _arenaUsed += length;
        return slice;
    }

    /// <summary>Keeps a text as UTF-8.</summary>
    public TextSlice Keep(ReadOnlySpan<char> text) => Keep(Encoding.UTF8.GetBytes(text, Reserve(Encoding.UTF8.GetMaxByteCount(text.Length))));

    /// <summary>Keeps bytes that come from elsewhere.</summary>
    public TextSlice KeepCopy(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        return Keep(text.Length);
    }

    /// <summary>Keeps a header value, one byte per character, as UTF-8.</summary>
    public TextSlice KeepLatin(ReadOnlySpan<byte> latin)
    {
        var target = Reserve(2 * latin.Length);
        var length = 0;
        foreach (var letter in latin)
        {
            if (letter < 0x80)
            {
                target[length++] = letter;
                continue;
            }
            target[length++] = (byte)(0xc0 | letter >> 6);
            target[length++] = (byte)(0x80 | letter & 0x3f);
        }
        return Keep(length);
    }

    /// <summary>The place where a producer keeps its value for the other actions of the event.</summary>
    public CachedValue<T> Cached<T>(int slot)
    {
        ref var place = ref _cache[slot];
        place ??= new CachedValue<T>();
        return Unsafe.As<CachedValue<T>>(place);
    }
}

/// <summary>A value kept for one event.</summary>
internal sealed class CachedValue<T>
{
    /// <summary>The event that the value belongs to; see <see cref="EventScratch.Stamp"/>.</summary>
    public long Stamp { get; set; }

    public bool IsPresent { get; set; }

    public T Value { get; set; } = default!;
}
