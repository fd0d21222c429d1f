using System.Globalization;
using System.Text;

namespace Divolte.Grains.Interfaces.StableFiles;

/// <summary>A directory on the local file system, with the lock file that keeps it to one process.</summary>
/// <param name="directory">The directory; made when missing.</param>
/// <param name="lockFile">Path of the lock file: in the directory, or in the one that it protects as a whole.</param>
/// <param name="title">What the locked directory is called in messages, for example <c>data directory</c>.</param>
public sealed class LocalStableFiles(string directory, string lockFile, string title) : IStableFiles
{
    private readonly string _lockFile = Path.GetFullPath(lockFile);

    public string Directory { get; } = Path.GetFullPath(directory);

    private string LockedDirectory => Path.GetDirectoryName(_lockFile)!;

    public IDisposable Lock()
    {
        try
        {
            System.IO.Directory.CreateDirectory(Directory);
            var file = new FileStream(_lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            return file;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StableFilesException($"The {title} {LockedDirectory} cannot be written: {e.Message}", e);
        }
        catch (IOException e)
        {
            var owner = ReadOwner(_lockFile);
            throw new StableFilesException(
                owner.Length > 0
                    ? $"The {title} {LockedDirectory} is in use by process {owner}; give each process its own."
                    : $"The {title} {LockedDirectory} cannot be locked: {e.Message}",
                e);
        }
    }

    public IReadOnlyList<string> List() =>
        [.. System.IO.Directory.EnumerateFiles(Directory).Where(path => path != _lockFile).Select(path => Path.GetFileName(path))];

    public IStableFile Create(string name, long length)
    {
        var file = LocalStableFile.Open(PathOf(name), FileMode.Create);
        try
        {
            if (length > 0)
                file.SetLength(length);
            return file;
        }
        catch
        {
            file.Dispose();
            Delete(name);
            throw;
        }
    }

    public IStableFile Open(string name) => LocalStableFile.Open(PathOf(name), FileMode.Open);

    public void Rename(string source, string target) => File.Move(PathOf(source), PathOf(target), overwrite: true);

    public void Copy(string source, string target) => File.Copy(PathOf(source), PathOf(target), overwrite: false);

    public void Delete(string name) => File.Delete(PathOf(name));

    public void SyncDirectory() => StableStorage.SyncDirectory(Directory);

    private static string ReadOwner(string path)
    {
        // An ordinary open would ask for the very lock that the other process holds.
        Span<byte> owner = stackalloc byte[20];
        var length = StableStorage.ReadUnlocked(path, owner);
        return Encoding.ASCII.GetString(owner[..length]).Trim();
    }

    private string PathOf(string name) => Path.Combine(Directory, name);
}

/// <summary>A directory that this process cannot have to itself. The message is for the operator.</summary>
public sealed class StableFilesException(string message, Exception? inner = null) : IOException(message, inner);
