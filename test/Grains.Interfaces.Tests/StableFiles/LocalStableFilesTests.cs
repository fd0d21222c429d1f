using Divolte.Grains.Interfaces.StableFiles;
using Divolte.TestKit.Processes;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.StableFiles;

public sealed class LocalStableFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LocalStableFiles _files;
    private readonly IDisposable _lock;

    public LocalStableFilesTests()
    {
        _files = FilesIn(_folder);
        _lock = _files.Lock();
    }

    public void Dispose()
    {
        _lock.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void SecondLock_NamesTheProcessThatHasIt()
    {
        var refusal = Assert.Throws<StableFilesException>(() => FilesIn(_folder).Lock());

        Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Lock_IsFreeAgainAfterwards()
    {
        _lock.Dispose();

        FilesIn(_folder).Lock().Dispose();
    }

    [Fact]
    public void NewFile_HasItsLengthInZeros()
    {
        using var file = _files.Create("file", 100_000);
        var bytes = new byte[100_001];

        Assert.Equal(100_000, file.Length);
        Assert.Equal(100_000, file.Read(bytes, 0));
        Assert.False(bytes.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void WritesIntoReservedRoom_LeaveEachOtherAndTheRestAsTheyAre()
    {
        const int length = 5 << 20;
        var expected = new byte[length];
        var random = new Random(17);
        using (var file = _files.Create("file", length))
        {
            // On and on as a log does, with a step over a place that is written later, and up to the very end.
            for (var offset = 0; offset < length; offset += 300_000)
            {
                var piece = expected.AsMemory(offset, Math.Min(250_000, length - offset));
                random.NextBytes(piece.Span);
                file.Write([piece[..(piece.Length / 2)], piece[(piece.Length / 2)..]], offset);
                if (offset % 900_000 == 0)
                    file.Sync();
            }
            random.NextBytes(expected.AsSpan(260_000, 1000));
            file.Write([expected.AsMemory(260_000, 1000)], 260_000);
            Assert.Equal(length, file.Length);
        }

        Assert.Equal(expected, File.ReadAllBytes(Path.Combine(_folder.Path, "file")));
    }

    [Fact]
    public void WriteBehindReservedRoom_LengthensTheFileByItselfOnly()
    {
        using var file = _files.Create("file", 1000);
        file.Write([new byte[10]], 990);
        Assert.Equal(1000, file.Length);

        file.Write([new byte[10]], 1000);
        Assert.Equal(1010, file.Length);

        file.SetLength(20);
        file.Write([new byte[10]], 15);
        Assert.Equal(25, file.Length);
    }

    [Fact]
    public async Task WrittenPieces_AreReadBack()
    {
        using var file = _files.Create("file", 0);
        file.Write([new byte[] { 1, 2 }, new byte[] { 3 }], 5);
        file.Sync();
        file.Write([new byte[] { 9 }], 7);
        file.Sync();
        var bytes = new byte[10];

        Assert.Equal(8, await file.ReadAsync(bytes, 0, TestContext.Current.CancellationToken));
        Assert.Equal([0, 0, 0, 0, 0, 1, 2, 9, 0, 0], bytes);
    }

    [Fact]
    public void SetLength_CutsAndLengthensWithZeros()
    {
        using var file = _files.Create("file", 0);
        file.Write([new byte[] { 1, 2, 3 }], 0);
        file.SetLength(1);
        file.SetLength(3);
        var bytes = new byte[3];
        file.Read(bytes, 0);

        Assert.Equal([1, 0, 0], bytes);
    }

    [Fact]
    public void Create_ReplacesWhatWasThere()
    {
        using (var before = _files.Create("file", 0))
            before.Write([new byte[] { 1, 2, 3 }], 0);

        using var file = _files.Create("file", 2);

        Assert.Equal(2, file.Length);
        var bytes = new byte[2];
        file.Read(bytes, 0);
        Assert.Equal([0, 0], bytes);
    }

    [Fact]
    public void Names_AreListedRenamedCopiedAndDeleted()
    {
        _files.Create("a", 1).Dispose();
        _files.Create("b", 2).Dispose();
        _files.Rename("a", "b");
        _files.Copy("b", "c");
        _files.Delete("missing");
        _files.SyncDirectory();

        Assert.Equal(["b", "c"], _files.List().Order());
        Assert.Throws<FileNotFoundException>(() => _files.Open("a"));
        _files.Delete("b");
        Assert.Equal(["c"], _files.List());
    }

    [Fact]
    public void LockFileInTheDirectory_IsNotOneOfItsFiles() => Assert.Empty(_files.List());

    private static LocalStableFiles FilesIn(TemporaryFolder folder) => new(folder.Path, Path.Combine(folder.Path, "lock"), "spool");
}
