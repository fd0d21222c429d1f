using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Grains.Journal;

/// <summary>
/// The name of an embedded journal: random, made at the first start, the same for its whole life and no other journal's. What outside systems know this
/// installation by, for example in Kafka's transactional ids: two processes with one name would throw each other out.
/// </summary>
internal static class JournalName
{
    private const string FileName = "name";

    /// <summary>Reads the name from the data directory, or makes one. Only while the directory's lock is held.</summary>
    /// <exception cref="JournalException">The file cannot be read or written, or holds no name.</exception>
    public static string ReadOrCreate(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        try
        {
            if (!File.Exists(path))
                Create(path);
            var name = File.ReadAllText(path).Trim();
            return name.Length is > 0 and <= 64 && name.All(char.IsAsciiLetterOrDigit)
                ? name
                : throw new JournalException($"{path} must hold 1 to 64 letters and digits, the name of this journal. Restore it, or remove it to take a new name.");
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw new JournalException($"The name of the journal cannot be kept in {path}: {trouble.Message}", trouble);
        }
    }

    private static void Create(string path)
    {
        var temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N")[..16] + "\n"));
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        StableStorage.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
