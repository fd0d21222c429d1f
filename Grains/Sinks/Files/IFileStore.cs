namespace Divolte.Grains.Sinks.Files;

/// <summary>
/// A file system as file sinks need it. Every call may block, so only a <see cref="WriterThread"/> makes them. Trouble is an <see cref="IOException"/>
/// or an <see cref="UnauthorizedAccessException"/>; <see cref="FileTrouble"/> knows which.
/// </summary>
internal interface IFileStore
{
    /// <summary>Makes a new, empty file; fails when the path is taken. The name is durable with the file's first <see cref="IStoredFile.Sync"/>.</summary>
    IStoredFile Create(string path);

    /// <summary>Opens an existing file for reading and writing.</summary>
    IStoredFile Open(string path);

    bool Exists(string path);

    /// <summary>Length of a file in bytes.</summary>
    long LengthOf(string path);

    bool DirectoryExists(string path);

    void CreateDirectory(string path);

    /// <summary>
    /// Renames, in one step where the file system can. Durable when the call returns; fails when the target is taken. After a crash in between, the file
    /// may be found under both names.
    /// </summary>
    void Move(string source, string target);

    /// <summary>Renames over whatever the target was, in one step. Both names are in one directory. Durable when the call returns.</summary>
    void Replace(string source, string target);

    /// <summary>Removes a file; one that is not there is fine. Durable when the call returns.</summary>
    void Delete(string path);

    /// <summary>Paths of the files in a directory whose names end with a suffix; none when there is no such directory.</summary>
    IReadOnlyList<string> List(string directory, string suffix);
}

/// <summary>An open file. For one thread.</summary>
internal interface IStoredFile : IDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads at a place; returns how many bytes there were, less than asked for only at the end.</summary>
    int Read(long offset, Span<byte> target);

    /// <summary>Writes all bytes at a place. Durable only after <see cref="Sync"/>; a crash before may leave any part of them.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    void Truncate(long length);

    /// <summary>Forces content, length and name to stable storage.</summary>
    void Sync();
}

/// <summary>Which exceptions mean that the storage is in trouble, an ordinary day for a file sink.</summary>
internal static class FileTrouble
{
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
