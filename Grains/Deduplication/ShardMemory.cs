using Divolte.Grains.Journal;

namespace Divolte.Grains.Deduplication;

/// <summary>Everything that a shard remembers: events, deliveries, and what time it is in the store. Not thread-safe.</summary>
internal sealed class ShardMemory(DuplicateWindow window, RedeliveryMemory redeliveries, StoreClock clock)
{
    public DuplicateWindow Window => window;

    public RedeliveryMemory Redeliveries => redeliveries;

    public StoreClock Clock => clock;

    public TimeSpan EffectiveWindow => window.EffectiveWindow(clock.Now);

    /// <summary>
    /// Adds what the journal knows. After a migration this only fills in what the carried memory lacks: the writes of an activation in between, if there
    /// was one.
    /// </summary>
    public void Restore(ShardClaim claim)
    {
        clock.Set(claim.Now);
        foreach (var mark in claim.Marks)
            window.Restore(mark.Key, mark.SeenAt, claim.Now);
        foreach (var redelivery in claim.Redeliveries)
            redeliveries.Restore(redelivery);
        redeliveries.Expire(claim.Now);
    }

    /// <summary>Forgets what is due, so many events at most.</summary>
    public void Expire(int most)
    {
        window.Expire(clock.Now, most);
        redeliveries.Expire(clock.Now);
    }
}
