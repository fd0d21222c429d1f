namespace Divolte.Grains.Deduplication;

/// <summary>What the window knows of a key.</summary>
internal enum EventSight : byte
{
    /// <summary>Not seen, or forgotten.</summary>
    First,

    /// <summary>Seen, and durable.</summary>
    Repeated,

    /// <summary>Seen in a part whose write is under way.</summary>
    Reserved,
}

/// <summary>
/// Bounded memory of events: reserved while their write is under way, then confirmed, or forgotten again. A confirmed event is remembered from its first
/// sight for the window, and longer while fewer than the minimum are newer; a repetition does not prolong it. Beyond the capacity the oldest go first.
/// Not thread-safe.
/// </summary>
/// <remarks>Times are kept in steps of 16 ms, so that an event is forgotten up to 32 ms late and never early.</remarks>
internal sealed class DuplicateWindow
{
    private const int StepMilliseconds = 16;
    private const int ExpiriesPerConfirm = 4;

    private readonly KeyRing _ring;
    private readonly Dictionary<ulong, PendingAppend> _reserved = [];
    private readonly int _minimum;
    private readonly uint _windowSteps;
    private readonly TimeSpan _window;
    private TimeSpan _shortestLife;
    private DateTimeOffset _shortenedAt = DateTimeOffset.MinValue;

    /// <param name="window">How long a first sight is remembered at least.</param>
    /// <param name="minimum">How many of the newest are remembered whatever their age.</param>
    /// <param name="capacity">The most that are remembered, 1 to 2^26 - 1; comes before both others.</param>
    /// <param name="seed">See <see cref="KeyRing"/>.</param>
    public DuplicateWindow(TimeSpan window, int minimum, int capacity, ulong seed)
    {
        _ring = new KeyRing(capacity, seed);
        _window = window;
        _minimum = minimum;
        _windowSteps = (uint)Math.Min((window.TotalMilliseconds + StepMilliseconds - 1) / StepMilliseconds, int.MaxValue);
        _shortestLife = window;
    }

    /// <summary>Confirmed events that are remembered, or will be forgotten at the next opportunity.</summary>
    public int Count => _ring.Count;

    /// <summary>Events whose write is under way.</summary>
    public int ReservedCount => _reserved.Count;

    /// <summary>Bytes of the confirmed ones.</summary>
    public long Bytes => _ring.Bytes;

    /// <summary>
    /// How long events are really remembered: the window; or less while events had to leave early because the memory was full, within the last window.
    /// </summary>
    public TimeSpan EffectiveWindow(DateTimeOffset now) => now - _shortenedAt < _window ? _shortestLife : _window;

    /// <summary>What is known of an event.</summary>
    /// <param name="key">Its key, not zero.</param>
    /// <param name="now">The store's clock.</param>
    /// <param name="holder">The part that reserved it.</param>
    public EventSight See(ulong key, DateTimeOffset now, out PendingAppend? holder)
    {
        if (_reserved.TryGetValue(key, out holder))
            return EventSight.Reserved;
        if (!_ring.TryFind(key, out var slot, out var time, out var rank))
            return EventSight.First;
        if (!IsForgotten(time, StepsOf(now), rank))
            return EventSight.Repeated;
        _ring.Remove(slot);
        return EventSight.First;
    }

    /// <summary>Reserves an event that was not seen before.</summary>
    public void Reserve(ulong key, PendingAppend holder) => _reserved.Add(key, holder);

    /// <summary>Forgets events whose write failed.</summary>
    public void Release(ReadOnlySpan<ulong> keys)
    {
        foreach (var key in keys)
            _reserved.Remove(key);
    }

    /// <summary>Remembers reserved events whose write went well.</summary>
    /// <param name="keys">Their keys.</param>
    /// <param name="storeTime">The store's clock at the write.</param>
    public void Confirm(ReadOnlySpan<ulong> keys, DateTimeOffset storeTime)
    {
        foreach (var key in keys)
        {
            _reserved.Remove(key);
            Remember(key, storeTime, storeTime);
        }
    }

    /// <summary>Remembers an event from the journal's marks or another activation's memory, unless it is known.</summary>
    /// <param name="key">Its key; zero is no key and is passed over.</param>
    /// <param name="seenAt">Its first sight.</param>
    /// <param name="now">The store's clock.</param>
    public void Restore(ulong key, DateTimeOffset seenAt, DateTimeOffset now)
    {
        if (key != 0 && !_ring.TryFind(key, out _, out _, out _))
            Remember(key, seenAt, now);
    }

    /// <summary>Forgets what is due, so many at most; a part of it happens at every confirmation.</summary>
    /// <returns>Whether there may be more.</returns>
    public bool Expire(DateTimeOffset now, int most)
    {
        var steps = StepsOf(now);
        for (; most > 0 && _ring.Length > 0; most--)
        {
            if (!_ring.IsOldestRemoved && !IsForgotten(_ring.OldestTime, steps, _ring.Length - 1))
                return false;
            _ring.RemoveOldest();
        }
        return _ring.Length > 0;
    }

    /// <summary>The newest remembered events, oldest of them first.</summary>
    public IEnumerable<(ulong Key, DateTimeOffset SeenAt)> Newest(int most, DateTimeOffset now)
    {
        var steps = StepsOf(now);
        for (var index = Math.Max(0, _ring.Length - most); index < _ring.Length; index++)
        {
            var (key, time) = _ring.At(index);
            if (key != 0)
                yield return (key, now - TimeSpan.FromMilliseconds(Math.Max(0, (int)(steps - time)) * (double)StepMilliseconds));
        }
    }

    private void Remember(ulong key, DateTimeOffset seenAt, DateTimeOffset now)
    {
        Expire(now, ExpiriesPerConfirm);
        if (_ring.IsFull && !_ring.IsOldestRemoved)
            NoteEarlyEnd(now);
        _ring.Add(key, StepsOf(seenAt));
    }

    private void NoteEarlyEnd(DateTimeOffset now)
    {
        var life = TimeSpan.FromMilliseconds(Math.Max(0, (int)(StepsOf(now) - _ring.OldestTime)) * (double)StepMilliseconds);
        if (life >= _window)
            return;
        _shortestLife = now - _shortenedAt < _window && _shortestLife < life ? _shortestLife : life;
        _shortenedAt = now;
    }

    private bool IsForgotten(uint time, uint now, int rank) => rank >= _minimum && (int)(now - time) > (int)_windowSteps;

    // 32 bits come round after two years; differences stay right for one.
    private static uint StepsOf(DateTimeOffset time) => (uint)(time.ToUnixTimeMilliseconds() / StepMilliseconds);
}
