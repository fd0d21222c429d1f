using System.Buffers.Binary;
using System.IO.Hashing;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal;
using Divolte.Grains.Journal.State;
using Divolte.TestKit.Journal;
using Xunit;

namespace Divolte.Grains.Tests.Journal.State;

public sealed class ProgressStoreTests
{
    private readonly PowerCutFiles _files = new();

    [Fact]
    public void Progress_IsDurableOnceFlushed()
    {
        var store = ProgressStore.Open(_files);
        store.Save(Progress("a", 1, [1, 2]));
        store.Flush();
        store.Save(Progress("a", 2, []));
        Restart(null);

        var again = ProgressStore.Open(_files);

        Assert.Equal(1, again.Read("a", 0)!.Position.Offset);
        Assert.Equal([1, 2], again.Read("a", 0)!.Ledger.ToArray());
        Assert.Single(again.Synced);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void PowerCutWithinAFlush_LeavesTheOldOrTheNew(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var files = new PowerCutFiles();
            var store = ProgressStore.Open(files);
            var flushed = random.Next(4);
            for (var at = 1; at <= flushed; at++)
            {
                store.Save(Progress("a", at, new byte[random.Next(3000)]));
                store.Flush();
            }
            store.Save(Progress("a", flushed + 1, new byte[random.Next(3000)]));
            files.Syncing = () => files.CutPower(random);
            Assert.Throws<IOException>(store.Flush);
            files.Syncing = null;
            files.Start();

            var offset = ProgressStore.Open(files).Read("a", 0)?.Position.Offset ?? 0;

            Assert.InRange(offset, flushed, flushed + 1);
        }
    }

    [Fact]
    public void HowFarASinkIsSpilled_IsStored()
    {
        var store = ProgressStore.Open(_files);
        store.Save(Progress("a", 5, [1]) with { SpilledThrough = 99 });
        store.Flush();
        Restart(null);

        Assert.Equal(99, ProgressStore.Open(_files).Read("a", 0)!.SpilledThrough);
        Assert.Equal(99, ProgressStore.Open(_files).Read("a", 0)!.NeededFrom);
    }

    [Fact]
    public void ProgressOfVersion1_IsRead()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(new byte[40]);
        writer.Write(1); // entries
        writer.Write("a");
        writer.Write(0);
        writer.Write(1L);
        writer.Write(77L);
        writer.Write(2);
        writer.Write([8, 9]);
        var bytes = stream.ToArray();
        "DIVPRG\r\n"u8.CopyTo(bytes);
        bytes[8] = 1; // version
        bytes[16] = 3; // generation
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), bytes.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), XxHash3.HashToUInt64(bytes.AsSpan(40), seed: 3));
        IStableFiles files = _files;
        using (var slot = files.Create("progress-1", 64 * 1024))
        {
            slot.Write([bytes], 0);
            slot.Sync();
        }

        var progress = ProgressStore.Open(_files).Read("a", 0)!;

        Assert.Equal((77L, 0L, 77L), (progress.Position.Offset, progress.SpilledThrough, progress.NeededFrom));
        Assert.Equal([8, 9], progress.Ledger.ToArray());
    }

    [Fact]
    public void NothingChanged_WritesNothing()
    {
        var store = ProgressStore.Open(_files);
        store.Save(Progress("a", 1, []));
        store.Flush();
        var writes = _files.Writes;

        store.Flush();

        Assert.Equal(writes, _files.Writes);
    }

    [Fact]
    public void FullDisk_StillTakesProgress()
    {
        var store = ProgressStore.Open(_files);
        _files.Room = _files.Names.Sum(name => (long)_files.Content(name).Length);
        for (var at = 1; at < 10; at++)
        {
            store.Save(Progress("a", at, new byte[5000]));
            store.Flush();
        }

        Assert.Equal(9, store.Synced.Single().Position.Offset);
    }

    [Fact]
    public void MoreThanTheFilesHold_MakesThemGrow()
    {
        var store = ProgressStore.Open(_files);
        for (var at = 0; at < 50; at++)
            store.Save(Progress($"sink {at}", at, new byte[5000]));
        store.Flush();
        Restart(null);

        Assert.Equal(50, ProgressStore.Open(_files).List().Count);
    }

    [Fact]
    public void LedgerThatItsOwnerChangesLater_IsKeptAsItWas()
    {
        var store = ProgressStore.Open(_files);
        var ledger = new byte[] { 1 };
        store.Save(Progress("a", 1, ledger));
        ledger[0] = 2;

        Assert.Equal(1, store.Read("a", 0)!.Ledger.Span[0]);
    }

    private void Restart(Random? chance)
    {
        _files.CutPower(chance);
        _files.Start();
    }

    private static SinkProgress Progress(string sink, long offset, byte[] ledger) => new(sink, 0, new JournalPosition(1, offset), ledger);
}
