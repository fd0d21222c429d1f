namespace Divolte.Grains.Deduplication;

/// <summary>
/// The store's clock, as far as it is known: its last word and the local time since. Shards move between machines; the store does not.
/// </summary>
internal sealed class StoreClock(TimeProvider time)
{
    private DateTimeOffset _told = time.GetUtcNow();
    private long _toldAt = time.GetTimestamp();

    public DateTimeOffset Now => _told + time.GetElapsedTime(_toldAt);

    /// <summary>Takes what the store said just now.</summary>
    public void Set(DateTimeOffset storeTime)
    {
        _told = storeTime;
        _toldAt = time.GetTimestamp();
    }
}
