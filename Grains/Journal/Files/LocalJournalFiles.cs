using System.Globalization;
using System.Text;

namespace Divolte.Grains.Journal.Files;

/// <summary>The journal's directory on the local file system. The lock file lies beside it, in the data directory, which it protects as a whole.</summary>
/// <param name="dataDirectory">The data directory; made when missing.</param>
internal sealed class LocalJournalFiles(string dataDirectory) : IJournalFiles
{
    private readonly string _dataDirectory = Path.GetFullPath(dataDirectory);

    public string Directory { get; } = Path.Combine(Path.GetFullPath(dataDirectory), "journal");

    public IDisposable Lock()
    {
        var path = Path.Combine(_dataDirectory, "lock");
        try
        {
            System.IO.Directory.CreateDirectory(Directory);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            return file;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new JournalException($"The data directory {_dataDirectory} cannot be written: {e.Message}", e);
        }
        catch (IOException e)
        {
            var owner = ReadOwner(path);
            throw new JournalException(
                owner.Length > 0
                    ? $"The data directory {_dataDirectory} is in use by process {owner}; give each process its own."
                    : $"The data directory {_dataDirectory} cannot be locked: {e.Message}",
                e);
        }
    }

    public IReadOnlyList<string> List() =>
        [.. System.IO.Directory.EnumerateFiles(Directory).Select(path => Path.GetFileName(path))];

    public IJournalFile Create(string name, long length)
    {
        var file = LocalJournalFile.Open(PathOf(name), FileMode.Create);
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

    public IJournalFile Open(string name) => LocalJournalFile.Open(PathOf(name), FileMode.Open);

    public void Rename(string from, string to) => File.Move(PathOf(from), PathOf(to), overwrite: true);

    public void Copy(string from, string to) => File.Copy(PathOf(from), PathOf(to), overwrite: false);

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
