using System.Diagnostics.CodeAnalysis;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Deduplication;

/// <summary>What is known of a part that arrives.</summary>
internal enum PartSight : byte
{
    /// <summary>Not appended, as far as this shard knows everything.</summary>
    New,

    /// <summary>Appended before: durable.</summary>
    Written,

    /// <summary>The frontend has said that it will not deliver it again: a late copy that nobody waits for. It must not be appended.</summary>
    Settled,

    /// <summary>The frontend has more parts without outcome than may be remembered.</summary>
    TooMany,
}

/// <summary>Which parts each frontend has delivered to one shard, so that none is appended twice. Bounded. Not thread-safe.</summary>
internal sealed class RedeliveryMemory
{
    /// <summary>The most unsettled parts of one frontend.</summary>
    public const int UnsettledMax = 512;

    /// <summary>The most frontends; beyond it, the one that is silent for longest is forgotten.</summary>
    public const int FrontendsMax = 4096;

    private readonly Dictionary<Guid, Frontend> _frontends = [];
    private readonly TimeSpan _keptMax;

    /// <param name="keptMax">How long a silent frontend is remembered; longer than a frontend keeps a part.</param>
    public RedeliveryMemory(TimeSpan keptMax) => _keptMax = keptMax;

    public int FrontendCount => _frontends.Count;

    /// <summary>Looks a part up, and takes the frontend's word about what is settled.</summary>
    public PartSight See(Guid frontend, long sequence, long settledBelow)
    {
        if (!_frontends.TryGetValue(frontend, out var known))
            return PartSight.New;
        known.Settle(settledBelow);
        if (sequence < known.SettledBelow)
            return PartSight.Settled;
        if (known.Appended.Contains(sequence))
            return PartSight.Written;
        return known.Appended.Count < UnsettledMax ? PartSight.New : PartSight.TooMany;
    }

    /// <summary>Remembers a part that was appended.</summary>
    public void Add(Guid frontend, long sequence, long settledBelow, DateTimeOffset now)
    {
        if (!_frontends.TryGetValue(frontend, out var known))
            known = AddFrontend(frontend, now);
        known.LastSeen = now;
        known.Settle(settledBelow);
        if (sequence >= known.SettledBelow)
            known.Appended.Add(sequence);
    }

    /// <summary>Adds what the journal or another activation remembers.</summary>
    public void Restore(FrontendRedelivery redelivery)
    {
        if (!_frontends.TryGetValue(redelivery.Frontend, out var known))
            known = AddFrontend(redelivery.Frontend, redelivery.LastSeen);
        if (known.LastSeen < redelivery.LastSeen)
            known.LastSeen = redelivery.LastSeen;
        foreach (var sequence in redelivery.Appended)
            known.Appended.Add(sequence);
        known.Settle(Math.Max(known.SettledBelow, redelivery.SettledBelow));
    }

    /// <summary>Forgets the frontends that were silent for too long.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach (var (frontend, known) in _frontends)
        {
            if (now - known.LastSeen > _keptMax)
                _frontends.Remove(frontend);
        }
    }

    /// <summary>Everything remembered.</summary>
    public IReadOnlyList<FrontendRedelivery> ToList() =>
        [.. _frontends.Select(pair => new FrontendRedelivery(pair.Key, pair.Value.SettledBelow, [.. pair.Value.Appended], pair.Value.LastSeen))];

    [SuppressMessage("Performance", "CA1826", Justification = "A dictionary has no index.")]
    private Frontend AddFrontend(Guid frontend, DateTimeOffset now)
    {
        Expire(now);
        if (_frontends.Count >= FrontendsMax)
            _frontends.Remove(_frontends.MinBy(pair => pair.Value.LastSeen).Key);
        return _frontends[frontend] = new Frontend();
    }

    private sealed class Frontend
    {
        public long SettledBelow { get; private set; }

        public SortedSet<long> Appended { get; } = [];

        public DateTimeOffset LastSeen { get; set; }

        public void Settle(long below)
        {
            if (below < SettledBelow)
                return;
            SettledBelow = below;
            while (Appended.Count > 0 && Appended.Min < below)
                Appended.Remove(Appended.Min);
        }
    }
}
