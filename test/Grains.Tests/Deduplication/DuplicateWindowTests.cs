using CsCheck;
using Divolte.Grains.Deduplication;
using Xunit;

namespace Divolte.Grains.Tests.Deduplication;

public sealed class DuplicateWindowTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(16 * 50);

    [Fact]
    public void ConfirmedEventSeenAgain_IsRepeated()
    {
        var window = WindowOf(minimum: 0, capacity: 16);
        Remember(window, 5, Start);

        Assert.Equal(EventSight.Repeated, window.See(5, Start, out _));
        Assert.Equal(EventSight.First, window.See(6, Start, out _));
    }

    [Fact]
    public void ReservedEvent_NamesItsHolder_AndIsForgottenWhenReleased()
    {
        var window = WindowOf(minimum: 0, capacity: 16);
        var holder = new PendingAppend(Guid.Empty, 1, 1);
        holder.Add(5);
        window.Reserve(5, holder);
        Assert.Equal(EventSight.Reserved, window.See(5, Start, out var found));
        Assert.Same(holder, found);

        window.Release(holder.FirstSights);

        Assert.Equal(EventSight.First, window.See(5, Start, out _));
        Assert.Equal(0, window.ReservedCount);
    }

    [Fact]
    public void Repetition_DoesNotProlong()
    {
        var window = WindowOf(minimum: 0, capacity: 16);
        Remember(window, 5, Start);
        Assert.Equal(EventSight.Repeated, window.See(5, Start + Window, out _));

        Assert.Equal(EventSight.First, window.See(5, Start + Window + TimeSpan.FromMilliseconds(32), out _));
    }

    [Fact]
    public void EventOfTheMinimum_IsRememberedWhateverItsAge()
    {
        var window = WindowOf(minimum: 2, capacity: 16);
        for (var key = 1ul; key <= 3; key++)
            Remember(window, key, Start);

        var later = Start + TimeSpan.FromDays(1);

        Assert.Equal(EventSight.First, window.See(1, later, out _));
        Assert.Equal(EventSight.Repeated, window.See(2, later, out _));
        Assert.Equal(EventSight.Repeated, window.See(3, later, out _));
    }

    [Fact]
    public void BeyondCapacity_TheOldestGoFirst_AndTheEffectiveWindowShrinks_ForOneWindow()
    {
        var window = WindowOf(minimum: 2, capacity: 2);
        Remember(window, 1, Start);
        Remember(window, 2, Start);
        Assert.Equal(Window, window.EffectiveWindow(Start));
        var full = Start + TimeSpan.FromMilliseconds(160);

        Remember(window, 3, full);

        Assert.Equal(EventSight.First, window.See(1, full, out _));
        Assert.Equal(EventSight.Repeated, window.See(2, full, out _));
        Assert.Equal(TimeSpan.FromMilliseconds(160), window.EffectiveWindow(full));
        Assert.Equal(Window, window.EffectiveWindow(full + Window));
    }

    [Fact]
    public void ForgottenEventSeenAgain_StartsAnew()
    {
        var window = WindowOf(minimum: 0, capacity: 16);
        Remember(window, 5, Start);
        var later = Start + Window + Window;
        Assert.Equal(EventSight.First, window.See(5, later, out _));

        Remember(window, 5, later);

        Assert.Equal(EventSight.Repeated, window.See(5, later + Window, out _));
    }

    [Fact]
    public void Expiry_IsSpreadOverConfirmations()
    {
        var window = WindowOf(minimum: 0, capacity: 1000);
        for (var key = 1ul; key <= 100; key++)
            Remember(window, key, Start);

        Remember(window, 1000, Start + Window + Window);

        Assert.Equal(97, window.Count);
        Assert.False(window.Expire(Start + Window + Window, most: 1000));
        Assert.Equal(1, window.Count);
    }

    [Fact]
    public void StoreClockThatGoesBack_ForgetsNothingEarly()
    {
        var window = WindowOf(minimum: 0, capacity: 16);
        Remember(window, 1, Start + TimeSpan.FromHours(1));
        Remember(window, 2, Start);

        Assert.Equal(EventSight.Repeated, window.See(1, Start, out _));
        Assert.Equal(EventSight.Repeated, window.See(2, Start, out _));
    }

    [Fact]
    public void FullMemory_TakesAtMost24BytesForEachEvent()
    {
        foreach (var capacity in new[] { 62_500, 100_000, 419_430, 1_000_000 })
        {
            var window = new DuplicateWindow(TimeSpan.FromMinutes(10), capacity, capacity, seed: 3);
            for (var key = 1ul; key <= (ulong)capacity; key++)
                Remember(window, key * 0x9E37_79B9_7F4A_7C15, Start);

            Assert.Equal(capacity, window.Count);
            Assert.InRange(window.Bytes / (double)capacity, 12, 24);
        }
    }

    /// <summary>Many random histories against a list that is searched from end to end. Few keys, so that they meet; few home slots, so that they collide.</summary>
    [Fact]
    public void AnyHistory_IsAsANaiveMemorySays()
    {
        var step = Gen.Select(Gen.Int[0, 9], Gen.ULong[1, 60], Gen.Int[0, 12]);
        Gen.Select(Gen.Int[0, 20], Gen.Int[1, 40], Gen.Bool, step.Array[1, 400]).Sample(
            (minimum, capacity, isNarrow, steps) =>
            {
                minimum = Math.Min(minimum, capacity);
                var window = WindowOf(minimum, capacity);
                var naive = new NaiveMemory(50, minimum, capacity);
                var now = 0;
                foreach (var (kind, number, pause) in steps)
                {
                    // Narrow keys differ only in their lowest bits: nearly all have the same home.
                    var key = isNarrow ? number : number * 0x9E37_79B9_7F4A_7C15;
                    now += kind == 0 ? pause * 10 : pause / 4;
                    var time = Start + TimeSpan.FromMilliseconds(16 * now);
                    var sight = window.See(key, time, out _);
                    Assert.Equal(naive.Knows(key, now) ? EventSight.Repeated : EventSight.First, sight);
                    if (sight == EventSight.Repeated)
                        continue;
                    var holder = new PendingAppend(Guid.Empty, 1, 1);
                    holder.Add(key);
                    window.Reserve(key, holder);
                    if (kind == 1)
                    {
                        window.Release(holder.FirstSights);
                        continue;
                    }
                    window.Confirm(holder.FirstSights, time);
                    naive.Add(key, now);
                }
            },
            iter: 3000);
    }

    private static DuplicateWindow WindowOf(int minimum, int capacity) => new(Window, minimum, capacity, seed: 99);

    private static void Remember(DuplicateWindow window, ulong key, DateTimeOffset time) => window.Confirm([key], time);

    /// <summary>The rule, as plainly as it can be written. An entry that was seen to be forgotten stays forgotten.</summary>
    private sealed class NaiveMemory(int window, int minimum, int capacity)
    {
        private readonly List<(ulong Key, int Time)> _entries = [];

        public bool Knows(ulong key, int now)
        {
            for (var index = _entries.Count - 1; index >= 0; index--)
            {
                if (_entries[index].Key == key)
                    return IsLive(index, now);
            }
            return false;
        }

        public void Add(ulong key, int now)
        {
            _entries.Add((key, now));
        }

        private bool IsLive(int index, int now)
        {
            var newer = _entries.Count - 1 - index;
            return newer < capacity && (newer < minimum || now - _entries[index].Time <= window);
        }
    }
}
