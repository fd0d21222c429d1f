using System.Buffers;
using Divolte.Grains.Deduplication;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Grains.Tests.Deduplication;

public sealed class ShardMemorySnapshotTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private DateTimeOffset Now => _time.GetUtcNow();

    [Fact]
    public void Memory_ComesBackWithAgesAndDeliveries()
    {
        var memory = Create(default, out _);
        memory.Window.Confirm([1, 2], Now);
        _time.Advance(TimeSpan.FromMinutes(6));
        memory.Window.Confirm([3], Now);
        memory.Redeliveries.Add(APart.FrontendA, 4, 3, Now);

        var restored = Create(Write(memory), out var isGood);

        Assert.True(isGood);
        Assert.Equal(3, restored.Window.Count);
        Assert.Equal(PartSight.Written, restored.Redeliveries.See(APart.FrontendA, 4, 3));
        var later = Now + TimeSpan.FromMinutes(5);
        Assert.Equal(EventSight.First, restored.Window.See(1, later, out _));
        Assert.Equal(EventSight.Repeated, restored.Window.See(3, later, out _));
    }

    [Fact]
    public void LargeMemory_KeepsTheNewest()
    {
        var memory = Create(default, out _);
        for (var key = 1ul; key <= ShardMemorySnapshot.EventsMax + 10; key++)
            memory.Window.Confirm([key], Now);

        var restored = Create(Write(memory), out _);

        Assert.Equal(ShardMemorySnapshot.EventsMax, restored.Window.Count);
        Assert.Equal(EventSight.First, restored.Window.See(10, Now, out _));
        Assert.Equal(EventSight.Repeated, restored.Window.See(11, Now, out _));
    }

    [Fact]
    public void Marks_FillInWhatTheSnapshotLacks()
    {
        var memory = Create(default, out _);
        memory.Window.Confirm([1], Now);
        var claim = new ShardClaim(2, Now, [new EventMark(1, Now), new EventMark(9, Now)], [new FrontendRedelivery(APart.FrontendB, 1, [1], Now)]);

        var restored = Memories().Create(claim, Write(memory), out _);

        Assert.Equal(2, restored.Window.Count);
        Assert.Equal(EventSight.Repeated, restored.Window.See(9, Now, out _));
        Assert.Equal(PartSight.Written, restored.Redeliveries.See(APart.FrontendB, 1, 1));
    }

    [Fact]
    public void OtherVersionOrBrokenBytes_AreSaidToBeUnreadable()
    {
        var memory = Create(default, out _);
        memory.Window.Confirm([1, 2, 3], Now);
        memory.Redeliveries.Add(APart.FrontendA, 4, 3, Now);
        var snapshot = Write(memory);

        for (var length = 1; length < snapshot.Length; length++)
        {
            Create(snapshot.AsSpan(0, length), out var isGood);
            Assert.False(isGood);
        }
        snapshot[0]++;
        Create(snapshot, out var isOtherVersionGood);
        Assert.False(isOtherVersionGood);
    }

    private static byte[] Write(ShardMemory memory)
    {
        var target = new ArrayBufferWriter<byte>();
        ShardMemorySnapshot.Write(memory, GridFormat.Latest, target);
        return target.WrittenSpan.ToArray();
    }

    private ShardMemory Create(ReadOnlySpan<byte> snapshot, out bool isGood) =>
        Memories().Create(new ShardClaim(1, Now, [], []), snapshot, out isGood);

    private ShardMemories Memories() =>
        new(new GridOptions { DuplicateCapacity = 100_000 }, new MapperOptions { DuplicateMemorySize = 0 }, new ShardMap(1, 1), _time, seed: 5);
}
