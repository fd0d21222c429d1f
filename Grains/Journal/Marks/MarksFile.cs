namespace Divolte.Grains.Journal.Marks;

/// <summary>A summary file on disk, as a source of marks.</summary>
/// <param name="Start">Start of the segment that it belongs to; the order of the marks.</param>
/// <param name="Name">Name of the file.</param>
/// <param name="MarkCount">Number of marks in it.</param>
/// <param name="LastTicks">When the last of them was seen.</param>
/// <param name="Bytes">Length of the file.</param>
internal sealed record MarksFile(long Start, string Name, int MarkCount, long LastTicks, long Bytes);

/// <summary>Which marks a memory may still want after a crash. Pure.</summary>
/// <param name="window">Marks younger than this are wanted.</param>
/// <param name="memorySize">So many of the youngest are wanted whatever their age.</param>
/// <param name="capacity">More than so many are never wanted.</param>
internal sealed class MarksRetention(TimeSpan window, int memorySize, int capacity)
{
    /// <summary>How many of the files, oldest first, are no longer wanted.</summary>
    /// <param name="files">All files, oldest first.</param>
    /// <param name="newerMarks">Marks in segments without a file, which are newer than all files.</param>
    /// <param name="now">The store's clock.</param>
    public int CountUnwanted(IReadOnlyList<MarksFile> files, long newerMarks, DateTimeOffset now)
    {
        var oldestWanted = now.UtcTicks - window.Ticks;
        var newer = newerMarks;
        for (var at = files.Count - 1; at >= 0; at--)
        {
            if (newer >= capacity || (newer >= memorySize && files[at].LastTicks < oldestWanted))
                return at + 1;
            newer += files[at].MarkCount;
        }
        return 0;
    }
}
