using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal.Segments;
using Divolte.TestKit.Journal;
using Xunit;

namespace Divolte.Grains.Tests.Journal.Segments;

public sealed class SegmentScannerTests
{
    private const long Start = 1000;

    private readonly IStableFiles _files = new PowerCutFiles();

    [Fact]
    public void IntactEntries_ComeInOrderUpToTheZeros()
    {
        var scanner = Scan([.. Entry(0, 100), .. Entry(Length(100), 50), .. new byte[500]]);

        Assert.Equal(ScanStep.Entry, scanner.Next());
        Assert.Equal(Start, scanner.Head.Offset);
        Assert.Equal(100, scanner.Head.FramesLength);
        Assert.Equal(ScanStep.Entry, scanner.Next());
        Assert.Equal(ScanStep.End, scanner.Next());
        Assert.Equal(Length(100) + Length(50), scanner.Position);
        Assert.False(scanner.IsTailDirty);
    }

    [Fact]
    public void BytesBehindTheLastEntry_AreReportedAsDirty()
    {
        var scanner = Scan([.. Entry(0, 100), .. Entry(Length(100), 50)[..60], .. new byte[500]]);

        Assert.Equal(ScanStep.Entry, scanner.Next());
        Assert.Equal(ScanStep.End, scanner.Next());
        Assert.Equal(Length(100), scanner.Position);
        Assert.True(scanner.IsTailDirty);
    }

    [Fact]
    public void DamagedEntry_IsSkippedToTheNextIntactOne()
    {
        byte[] bytes = [.. Entry(0, 100), .. Entry(Length(100), 50), .. Entry(Length(100) + Length(50), 10)];
        bytes[Length(100) + 120] ^= 1;
        var scanner = Scan(bytes);

        Assert.Equal(ScanStep.Entry, scanner.Next());
        Assert.Equal(ScanStep.Damage, scanner.Next());
        Assert.Equal(Length(100), scanner.GapStart);
        Assert.Equal(Length(100) + Length(50), scanner.Position);
        Assert.Equal(ScanStep.Entry, scanner.Next());
        Assert.Equal(10, scanner.Head.FramesLength);
        Assert.Equal(ScanStep.End, scanner.Next());
    }

    [Fact]
    public void EntryOfAnotherPlace_IsNotTakenForOne()
    {
        var scanner = Scan([.. Entry(0, 100), .. Entry(0, 100)]);

        Assert.Equal(ScanStep.Entry, scanner.Next());
        Assert.Equal(ScanStep.End, scanner.Next());
    }

    [Fact]
    public void EntryWithinTheFramesOfADamagedOne_IsOnlyFoundAtItsOwnPlace()
    {
        var inner = Entry(8000, 10);
        byte[] outer = Entry(0, 1000);
        inner.CopyTo(outer, 400);
        var scanner = Scan([.. outer, .. Entry(Length(1000), 10)]);

        Assert.Equal(ScanStep.Damage, scanner.Next());
        Assert.Equal(Length(1000), scanner.Position);
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 4096)]
    [InlineData((1 << 20) - 100)]
    public void EntryLargerThanOrAcrossAWindow_IsRead(int framesLength)
    {
        var scanner = Scan([.. Entry(0, framesLength), .. Entry(Length(framesLength), 50), .. new byte[(1 << 20) + 5]]);

        Assert.Equal(ScanStep.Entry, scanner.Next());
        Assert.Equal(framesLength, scanner.Head.FramesLength);
        Assert.Equal(ScanStep.Entry, scanner.Next());
        Assert.Equal(ScanStep.End, scanner.Next());
    }

    [Fact]
    public void IntactEntryFarBehindDamage_IsFound()
    {
        var scanner = Scan([.. Enumerable.Repeat((byte)0xD1, (1 << 20) + 3), .. new byte[5], .. Entry((1 << 20) + 8, 50)]);

        Assert.Equal(ScanStep.Damage, scanner.Next());
        Assert.Equal((1 << 20) + 8, scanner.Position);
        Assert.Equal(ScanStep.Entry, scanner.Next());
    }

    [Fact]
    public void Gap_IsSkippedSilently()
    {
        var gap = new byte[400];
        new EntryHead(EntryKind.Gap, Start, 400, 0, 0, 0, 0, 0, 0, Guid.Empty, 0, 0, 0, 0, 0).Write(gap);
        EntryHead.Seal(gap.AsSpan(0, EntryHead.HeadLength));
        gap.AsSpan(EntryHead.HeadLength).Fill(0xEE);
        var scanner = Scan([.. gap, .. Entry(400, 50)]);

        Assert.Equal(ScanStep.Entry, scanner.Next());
        Assert.Equal(Start + 400, scanner.Head.Offset);
    }

    [Fact]
    public void EmptyFile_EndsAtOnce()
    {
        Assert.Equal(ScanStep.End, Scan([]).Next());
        Assert.Equal(ScanStep.End, Scan(new byte[50]).Next());
    }

    private static int Length(int framesLength) => (int)EntryHead.LengthOf(0, framesLength);

    private static byte[] Entry(long place, int framesLength)
    {
        var entry = new byte[Length(framesLength)];
        new EntryHead(EntryKind.Append, Start + place, entry.Length, 1, 2, Start, 3, 4, 5, Guid.NewGuid(), 6, 1, framesLength, 0, 0).Write(entry);
        entry.AsSpan(EntryHead.HeadLength, framesLength).Fill(7);
        EntryHead.Seal(entry);
        return entry;
    }

    private SegmentScanner Scan(byte[] content)
    {
        var file = _files.Create("segment", 0);
        file.Write([content], 0);
        return new SegmentScanner(file, Start, 0, content.Length);
    }
}
