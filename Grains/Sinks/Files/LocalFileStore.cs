namespace Divolte.Grains.Sinks.Files;

/// <summary>The local file system, with every change synced to stable storage.</summary>
internal sealed class LocalFileStore : IFileStore
{
    public IStoredFile Create(string path) => new LocalFile(path, FileMode.CreateNew);

    public IStoredFile Open(string path) => new LocalFile(path, FileMode.Open);

    public bool Exists(string path) => File.Exists(path);

    public long LengthOf(string path) => new FileInfo(path).Length;

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public void CreateDirectory(string path)
    {
        Directory.CreateDirectory(path);
        DirectorySync.Sync(ParentOf(Path.GetFullPath(path)));
    }

    public void Move(string source, string target)
    {
        if (OnSameFileSystem(source, target))
        {
            File.Move(source, target);
        }
        else
        {
            // A rename across file systems is a copy, which a reader of the target directory must never see half done.
            var staged = target + FileNames.PartialSuffix;
            File.Copy(source, staged, overwrite: true);
            using (var copy = new LocalFile(staged, FileMode.Open))
                copy.Sync();
            File.Move(staged, target);
            DirectorySync.Sync(ParentOf(target));
            File.Delete(source);
        }
        DirectorySync.Sync(ParentOf(target));
        if (ParentOf(source) != ParentOf(target))
            DirectorySync.Sync(ParentOf(source));
    }

    public void Replace(string source, string target)
    {
        File.Move(source, target, overwrite: true);
        DirectorySync.Sync(ParentOf(target));
    }

    public void Delete(string path)
    {
        if (!File.Exists(path))
            return;
        File.Delete(path);
        DirectorySync.Sync(ParentOf(path));
    }

    public IReadOnlyList<string> List(string directory, string suffix) =>
        Directory.Exists(directory)
            ? [.. Directory.EnumerateFiles(directory).Where(path => path.EndsWith(suffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
            : [];

    private static bool OnSameFileSystem(string source, string target)
    {
        var (from, to) = (ParentOf(source), ParentOf(target));
        return from == to || MountOf(from) == MountOf(to);
    }

    private static string MountOf(string directory)
    {
        var mount = "";
        foreach (var drive in DriveInfo.GetDrives())
        {
            var root = drive.RootDirectory.FullName;
            var prefix = Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar;
            if (root.Length > mount.Length && (directory + Path.DirectorySeparatorChar).StartsWith(prefix, StringComparison.Ordinal))
                mount = root;
        }
        return mount;
    }

    private static string ParentOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? Path.GetPathRoot(Path.GetFullPath(path))!;

    private sealed class LocalFile(string path, FileMode mode) : IStoredFile
    {
        private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _handle =
            File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        private bool _isNew = mode == FileMode.CreateNew;

        public long Length => RandomAccess.GetLength(_handle);

        public int Read(long offset, Span<byte> target)
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

        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_handle, bytes, offset);

        public void Truncate(long length) => RandomAccess.SetLength(_handle, length);

        public void Sync()
        {
            RandomAccess.FlushToDisk(_handle);
            if (!_isNew)
                return;
            DirectorySync.Sync(ParentOf(path));
            _isNew = false;
        }

        public void Dispose() => _handle.Dispose();
    }
}
