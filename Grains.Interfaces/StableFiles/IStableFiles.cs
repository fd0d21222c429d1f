namespace Divolte.Grains.Interfaces.StableFiles;

/// <summary>
/// A directory whose files must survive a crash, as far as journal and spool need one: the edge to the disk, so that a test can cut the power.
/// Every member may throw <see cref="IOException"/>; none promises durability except the two that are named for it.
/// </summary>
public interface IStableFiles
{
    /// <summary>The directory, for messages.</summary>
    string Directory { get; }

    /// <summary>Keeps every other process out until it is disposed.</summary>
    /// <exception cref="StableFilesException">Another process has it; the message is for the operator.</exception>
    IDisposable Lock();

    /// <summary>Names of all files, in no order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Makes a new file of so many zero bytes, with the room reserved, so that writing into it needs no more. Replaces one of that name.</summary>
    IStableFile Create(string name, long length);

    /// <summary>Opens a file for reading and writing.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    IStableFile Open(string name);

    /// <summary>Renames a file, in one step over one that has the name. Durable after <see cref="SyncDirectory"/>.</summary>
    void Rename(string source, string target);

    /// <summary>Copies a file byte for byte.</summary>
    void Copy(string source, string target);

    /// <summary>Deletes a file; nothing happens when there is none. Durable after <see cref="SyncDirectory"/>.</summary>
    void Delete(string name);

    /// <summary>Makes creations, renames and deletions durable.</summary>
    void SyncDirectory();
}

/// <summary>One open file. Reads and writes at different places may run at the same time.</summary>
public interface IStableFile : IDisposable
{
    /// <summary>Length in bytes, reserved room included.</summary>
    long Length { get; }

    /// <summary>Reads until the target is full or the file ends.</summary>
    /// <returns>How many bytes were read.</returns>
    int Read(Span<byte> target, long offset);

    /// <inheritdoc cref="Read"/>
    ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken);

    /// <summary>Writes the pieces one after another. After an exception any part of them may be in the file.</summary>
    void Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset);

    /// <summary>Cuts the file, or lengthens it with zeros and reserves the room.</summary>
    void SetLength(long length);

    /// <summary>
    /// Makes everything written so far durable. After an exception nothing is known about any byte since the last success, and a later success
    /// says nothing about them either: the kernel may have thrown the pages away.
    /// </summary>
    void Sync();
}
