using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Spill;

/// <content>Reading back, in order, around damage.</content>
internal sealed partial class SpillQueue
{
    private const int ChunkBytes = 256 << 10;

    /// <summary>Where the last read ended, so that the next one need not look for its place.</summary>
    private (long After, string File, long Place) _cursor;

    /// <summary>Reads on behind a position, as <see cref="IJournal.ReadAsync"/> does. Entries that are lost are one entry without frames, which says what the journal had counted behind them.</summary>
    /// <returns>Null when what follows is in the journal.</returns>
    public async ValueTask<JournalPage?> ReadAsync(JournalPosition after, int bytesMax, CancellationToken cancellationToken)
    {
        List<SpillFile> files;
        SpillMark mark;
        long? start = null;
        lock (_lock)
        {
            if (after.Incarnation != Incarnation || after.Offset >= _mark.Through)
                return null;
            mark = _mark;
            if (_leftovers is not null && _chain.Count == 0)
                return null; // passed, and a reader that is behind finds nothing in the journal either
            // Copies: a file may grow meanwhile.
            files = [.. _chain.Where(file => file.Through > after.Offset).Select(file => file with { Through = file.Through, Length = file.Length })];
            if (_leftovers is not null)
                start = Math.Max(after.Offset, _chain[0].Start); // the list names all that is needed: what lies before was confirmed
        }
        var page = new SpillPage(new JournalPosition(Incarnation, start ?? StartOf(after.Offset, files)), bytesMax);
        for (var index = 0; index < files.Count && !page.IsFull; index++)
        {
            var file = files[index];
            var cursor = _cursor;
            var place = cursor.File == file.Name && cursor.After == page.Through ? cursor.Place : 0;
            place = await ReadFileAsync(file, place, page, cancellationToken);
            _cursor = (page.Through, file.Name, place);
            var end = index + 1 < files.Count ? files[index + 1].Start : mark.Through;
            if (page.IsFull || page.Through >= end)
                continue;
            ReportDamage(file);
            page.MissingThrough = end;
        }
        if (!page.IsFull && page.Through < mark.Through)
            page.AddLost(mark.Through, mark.Accepted, page.LastAppendedAt);
        return page.ToJournalPage();
    }

    /// <summary>A start from the very beginning, or from before the first entry that was spilled, misses nothing: what lay there was confirmed.</summary>
    private long StartOf(long after, List<SpillFile> files) => after == 0 && files.Count > 0 ? files[0].Start : Math.Max(after, _floor);

    /// <summary>Reads a file from a place to its end, or until the page is full.</summary>
    /// <returns>The place to read on from.</returns>
    private async ValueTask<long> ReadFileAsync(SpillFile file, long place, SpillPage page, CancellationToken cancellationToken)
    {
        using var opened = TryOpen(file);
        if (opened is null)
            return 0;
        var needed = ChunkBytes;
        while (place < file.Length && !page.IsFull)
        {
            var chunk = GC.AllocateUninitializedArray<byte>((int)Math.Min(file.Length - place, needed));
            var read = await opened.ReadAsync(chunk, place, cancellationToken);
            var used = ReadChunk(chunk.AsMemory(0, read), file, place + read >= file.Length || read < chunk.Length, page, out var longer);
            place += used;
            needed = Math.Max(ChunkBytes, longer);
            if (used == 0 && longer == 0)
                break; // nothing intact follows
        }
        return place;
    }

    /// <param name="bytes">What was read.</param>
    /// <param name="file">Its file.</param>
    /// <param name="isEnd">Whether the file ends here.</param>
    /// <param name="page">Takes the entries.</param>
    /// <param name="longer">How many bytes an entry has that is longer than what was read; 0 when there is none such.</param>
    /// <returns>How many of the bytes are done with.</returns>
    private int ReadChunk(ReadOnlyMemory<byte> bytes, SpillFile file, bool isEnd, SpillPage page, out int longer)
    {
        longer = 0;
        var at = 0;
        while (at + SpillEntry.HeadLength <= bytes.Length && !page.IsFull)
        {
            var length = SpillEntry.LengthOf(bytes.Span[at..]);
            if (length > bytes.Length - at && !isEnd && length <= file.Length)
            {
                longer = length;
                return at;
            }
            if (length > 0 && length <= bytes.Length - at && SpillEntry.Read(bytes[at..]) is { } entry && entry.Entry.Position.Incarnation == file.Incarnation)
            {
                // What lies behind the file's end was never promised, and may have holes: the next file has it, or the journal.
                if (entry.Entry.Position.Offset <= file.Through && page.Add(entry))
                    ReportDamage(file);
                at += length;
                continue;
            }
            at += SpillEntry.Alignment; // damage: the next intact entry is looked for
        }
        return isEnd && !page.IsFull ? bytes.Length : at;
    }

    private IStableFile? TryOpen(SpillFile file)
    {
        try
        {
            return _files.Open(file.Name);
        }
        catch (FileNotFoundException)
        {
            return null; // somebody took it away: as if every byte of it were damaged
        }
    }

    /// <summary>Keeps the file as it is now, once.</summary>
    private void ReportDamage(SpillFile file)
    {
        lock (_lock)
        {
            if (!_reported.Add(file.Name))
                return;
        }
        var isThere = List(_files).Contains(file.Name);
        var copy = !isThere || _damaged.Value.HasCopyOf(file.Name) ? null : _damaged.Value.TryKeepCopy(file.Name);
        LogDamaged(_logger, file.Name, copy ?? (isThere ? file.Name : "nothing: it is gone"));
    }

    /// <summary>
    /// Only what the stored progress speaks of counts: what else there is was being written when the process ended, may have holes, and is in the journal.
    /// </summary>
    private void Recover()
    {
        foreach (var unpromised in _chain.Where(file => file.Start >= _mark.Through).ToList())
        {
            _chain.Remove(unpromised);
            _files.Delete(unpromised.Name);
        }
        for (var index = 0; index < _chain.Count; index++)
        {
            using var opened = TryOpen(_chain[index]);
            _chain[index].Length = opened?.Length ?? 0;
            _chain[index].Through = index + 1 < _chain.Count ? _chain[index + 1].Start : _mark.Through;
        }
    }
}
