using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Divolte.Grains.Interfaces.StableFiles;

/// <summary>The calls for stable storage that the runtime does not offer; where the system has none, the nearest that it does offer.</summary>
public static partial class StableStorage
{
    private const int ErrorInterrupted = 4;
    private const int ErrorInvalid = 22;
    private const int ErrorNotSupported = 95;

    /// <summary>Syncs a file's bytes, and of its metadata only what is needed to read them again: half the time of a full sync in a file whose room is reserved.</summary>
    public static void SyncBytes(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(handle);
            return;
        }
        int error;
        do
        {
            if (DataSync(handle) == 0)
                return;
            error = Marshal.GetLastPInvokeError();
        }
        while (error == ErrorInterrupted);
        throw new IOException($"fdatasync: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    /// <summary>Lengthens a file and reserves its room, so that later writes neither run out of it nor change metadata.</summary>
    public static void Reserve(SafeFileHandle handle, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            int error;
            do
            {
                error = Allocate(handle, 0, length);
            }
            while (error == ErrorInterrupted);
            if (error == 0)
                return;
            // A file system that cannot reserve still gets the length; a full disk then shows at a write.
            if (error is not (ErrorInvalid or ErrorNotSupported))
                throw new IOException($"posix_fallocate of {length} bytes: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
        RandomAccess.SetLength(handle, length);
    }

    /// <summary>Makes the names in a directory durable. Windows does so by itself.</summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var directory = new SafeFileHandle(OpenFile(path, 0), ownsHandle: true);
        if (directory.IsInvalid)
            throw new IOException($"open {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        int error;
        do
        {
            if (FileSync(directory) == 0)
                return;
            error = Marshal.GetLastPInvokeError();
        }
        while (error == ErrorInterrupted);
        // Some file systems have no such thing as syncing a directory.
        if (error != ErrorInvalid)
            throw new IOException($"fsync {path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    /// <summary>Whether this process may make files in a directory that is there, found out without making one. On Windows a first file tells.</summary>
    public static bool IsWritable(string directory)
    {
        const int writeAndSearch = 2 | 1;
        return OperatingSystem.IsWindows() || Access(directory, writeAndSearch) == 0;
    }

    /// <summary>Reads the start of a file whatever locks there are on it; nothing when that fails.</summary>
    public static int ReadUnlocked(string path, Span<byte> target)
    {
        if (OperatingSystem.IsWindows())
            return 0;
        using var file = new SafeFileHandle(OpenFile(path, 0), ownsHandle: true);
        return file.IsInvalid ? 0 : Math.Max(ReadFile(file, target, target.Length), 0);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int DataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int Allocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadFileNative(SafeFileHandle file, Span<byte> target, nint length);

    private static int ReadFile(SafeFileHandle file, Span<byte> target, int length) => (int)ReadFileNative(file, target, length);
}
