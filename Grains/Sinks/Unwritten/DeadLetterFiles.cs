using System.Runtime.CompilerServices;

namespace Divolte.Grains.Sinks.Unwritten;

/// <summary>The files of dead letters: their names, and how they are read.</summary>
internal static class DeadLetterFiles
{
    private const string Extension = ".jsonl";

    /// <summary>Behind the name of a file: letters that are going back into the journal; an identifier follows.</summary>
    public const string ReplayingExtension = ".replaying-";

    /// <summary>Behind the name of a file: letters that are back in the journal; an identifier follows.</summary>
    public const string ReplayedExtension = ".replayed-";

    private const string LockExtension = ".lock";

    /// <summary>Name of the file that is being written; processes that share a directory take different numbers.</summary>
    public static string CurrentName(string sink, int number) => number == 0 ? Stem(sink) + Extension : $"{Stem(sink)}.{number}{Extension}";

    /// <summary>Name of a file that is complete. Names sort by age.</summary>
    public static string RotatedName(string sink, string stamp) => $"{Stem(sink)}@{stamp}{Extension}";

    /// <summary>The complete files of a sink, oldest first.</summary>
    public static IReadOnlyList<FileInfo> ListRotated(string directory, string sink) =>
        [.. new DirectoryInfo(directory).EnumerateFiles($"{Stem(sink)}@*{Extension}").OrderBy(file => file.Name, StringComparer.Ordinal)];

    /// <summary>All files with letters that have not been replayed, oldest first, the current ones last.</summary>
    /// <param name="directory">The directory of dead letters; may be missing.</param>
    /// <param name="sink">Only of this sink; null for all.</param>
    public static IReadOnlyList<FileInfo> List(string directory, string? sink)
    {
        if (!Directory.Exists(directory))
            return [];
        return
        [
            .. new DirectoryInfo(directory).EnumerateFiles("*" + Extension)
                .Where(file => sink is null || IsOf(sink, file))
                .OrderBy(file => file.Name.Contains('@', StringComparison.Ordinal) ? 0 : 1)
                .ThenBy(file => file.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The files of letters of a sink that are going back into the journal: left by a replay that was cut short.</summary>
    public static IReadOnlyList<FileInfo> ListReplaying(string directory, string sink) =>
        !Directory.Exists(directory) ? [] :
        [
            .. new DirectoryInfo(directory).EnumerateFiles("*" + Extension + ReplayingExtension + "*")
                .Where(file => IsOf(sink, file) && IdentifierOf(file) is not null)
                .OrderBy(file => file.Name, StringComparer.Ordinal),
        ];

    /// <summary>The identifier of a file of letters that are going back; null for any other file.</summary>
    public static Guid? IdentifierOf(FileInfo replaying)
    {
        var at = replaying.Name.LastIndexOf(ReplayingExtension, StringComparison.Ordinal);
        return at >= 0 && Guid.TryParseExact(replaying.Name.AsSpan(at + ReplayingExtension.Length), "N", out var identifier) ? identifier : null;
    }

    /// <summary>
    /// Makes a file of letters one's own, as every writer and every replay does. The lock is a file beside it: where locks are advisory, as on Unix, one on
    /// the letters would keep readers out too.
    /// </summary>
    /// <remarks>
    /// The lock of a current file stays there when it is let go. Whoever deletes a lock may take it from under another process that has just opened it; writers
    /// let go and take again while a replay looks, and two that believe to have the same file lose letters.
    /// </remarks>
    /// <exception cref="IOException">Another process has it, or the directory cannot be written.</exception>
    public static FileStream Claim(string path)
    {
        var isCurrent = path.EndsWith(Extension, StringComparison.Ordinal) && !Path.GetFileName(path).Contains('@', StringComparison.Ordinal);
        return new(path + LockExtension, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, isCurrent ? FileOptions.None : FileOptions.DeleteOnClose);
    }

    /// <summary>The letters of a file; lines that are none, such as one torn by a crash, are left out.</summary>
    public static async IAsyncEnumerable<DeadLetter> ReadAsync(FileInfo file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var lines = new StreamReader(stream);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (DeadLetter.Read(System.Text.Encoding.UTF8.GetBytes(line)) is { } letter)
                yield return letter;
        }
    }

    private static bool IsOf(string sink, FileInfo file) =>
        file.Name.StartsWith(Stem(sink) + "@", StringComparison.Ordinal) || file.Name.StartsWith(Stem(sink) + ".", StringComparison.Ordinal);

    /// <summary>A name that is safe as a file name and holds neither of the separators.</summary>
    private static string Stem(string sink) =>
        Uri.EscapeDataString(sink).Replace(".", "%2E", StringComparison.Ordinal);
}
