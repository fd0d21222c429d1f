using Microsoft.Win32.SafeHandles;

namespace Divolte.Grains.Interfaces.StableFiles;

/// <summary>A file on the local file system.</summary>
public sealed class LocalStableFile : IStableFile
{
    private readonly SafeFileHandle _handle;

    /// <summary>A sync of the bytes alone may leave a changed length behind.</summary>
    private bool _isLengthSynced;

    private LocalStableFile(SafeFileHandle handle) => _handle = handle;

    public static LocalStableFile Open(string path, FileMode mode) =>
        new(File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    public long Length => RandomAccess.GetLength(_handle);

    public int Read(Span<byte> target, long offset)
    {
        var total = 0;
        while (total < target.Length)
        {
            var read = RandomAccess.Read(_handle, target[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }
        return total;
    }

    public async ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken)
    {
        var total = 0;
        while (total < target.Length)
        {
            var read = await RandomAccess.ReadAsync(_handle, target[total..], offset + total, cancellationToken);
            if (read == 0)
                break;
            total += read;
        }
        return total;
    }

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset)
    {
        if (pieces.Count == 1)
            RandomAccess.Write(_handle, pieces[0].Span, offset);
        else
            RandomAccess.Write(_handle, pieces, offset);
    }

    public void SetLength(long length)
    {
        Volatile.Write(ref _isLengthSynced, false);
        var before = Length;
        if (length < before)
            RandomAccess.SetLength(_handle, length);
        else if (length > before)
            StableStorage.Reserve(_handle, length);
    }

    public void Sync()
    {
        if (Volatile.Read(ref _isLengthSynced))
        {
            StableStorage.SyncBytes(_handle);
            return;
        }
        RandomAccess.FlushToDisk(_handle);
        Volatile.Write(ref _isLengthSynced, true);
    }

    public void Dispose() => _handle.Dispose();
}
