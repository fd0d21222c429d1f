using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal;
using Divolte.Grains.Journal.Recovery;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// The oldest backlog of one sink in one queue, moved out of the journal into files of its own. Entries keep their place: a position of the journal
/// names the same event here, so nothing that counts positions notices where an entry was read.
/// </summary>
/// <remarks>
/// One caller appends, one reads and one releases, each at its own time. Readers see what is synced. A file is never appended to after a failure or by a
/// later process: it ends where the next one starts, whatever lies behind.
/// </remarks>
internal sealed partial class SpillQueue
{
    /// <summary>Bytes of one file, but for a single entry that is larger: what is freed at a time.</summary>
    public const long FileBytesMax = 64 << 20;

    private readonly Lock _lock = new();

    /// <summary>Held while entries are written: an owner that is replaced lets no file go that is being written.</summary>
    private readonly Lock _appending = new();
    private readonly IStableFiles _files;
    private readonly Lazy<DamagedFiles> _damaged;
    private readonly Action _prepare;
    private readonly long _fileBytesMax;
    private readonly ILogger _logger;
    private readonly List<SpillFile> _chain = [];
    private readonly HashSet<string> _reported = [];
    private SpillMark _mark;
    private IStableFile? _open;
    private SpillFile? _openFile;
    private long _writtenLength;
    private SpillMark? _written;

    /// <summary>Where the first entry of this process's life begins; 0 before there is one.</summary>
    private long _floor;

    private SpillQueue(IStableFiles files, int queue, long incarnation, SpillMark mark, Action prepare, long fileBytesMax, ILogger logger)
    {
        _files = files;
        _damaged = new Lazy<DamagedFiles>(() => new DamagedFiles(files, "spill", "intact entries"));
        _prepare = prepare;
        _fileBytesMax = fileBytesMax;
        _logger = logger;
        _mark = mark;
        Queue = queue;
        Incarnation = incarnation;
    }

    public int Queue { get; }

    /// <summary>The incarnation of the journal that the entries are of.</summary>
    public long Incarnation { get; }

    /// <summary>How far everything is here and synced.</summary>
    public SpillMark Mark
    {
        get
        {
            lock (_lock)
                return _mark;
        }
    }

    /// <summary>Bytes of all files, synced ones only; in a shared directory those of the list.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _chain.Sum(file => file.Length);
        }
    }

    /// <summary>Whether a sink that has confirmed everything up to an offset no longer needs some of the files.</summary>
    public bool HasFileThrough(long offset)
    {
        lock (_lock)
            return _chain.Count > 0 && _chain[0].Through <= offset;
    }

    /// <summary>Opens what an earlier process has left.</summary>
    /// <param name="files">The sink's directory of spill files.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="position">The sink's stored position, of the journal's incarnation; files of another are kept aside.</param>
    /// <param name="expected">The mark that was stored with it.</param>
    /// <param name="prepare">Makes the directory; called before a file is made.</param>
    /// <param name="logger">Hears of damage.</param>
    /// <param name="fileBytesMax">See <see cref="FileBytesMax"/>.</param>
    /// <exception cref="IOException">The files cannot be read; nothing was changed that a later try would miss.</exception>
    public static SpillQueue Open(
        IStableFiles files, int queue, JournalPosition position, SpillMark expected, Action prepare, ILogger logger, long fileBytesMax = FileBytesMax)
    {
        var spill = new SpillQueue(files, queue, position.Incarnation, expected, prepare, fileBytesMax, logger);
        var found = List(files).Select(SpillFile.Parse).OfType<SpillFile>().Where(file => file.Queue == queue).OrderBy(file => file.Start).ToList();
        foreach (var foreign in found.Where(file => file.Incarnation != position.Incarnation))
            spill.KeepAside(foreign);
        spill._chain.AddRange(found.Where(file => file.Incarnation == position.Incarnation));
        if (expected.Through > position.Offset)
        {
            spill.Recover();
            return spill;
        }

        // Nothing is promised by them: the journal has all that is behind the position.
        spill.Release(long.MaxValue);
        return spill;
    }

    /// <summary>Says where the next entry follows on, if nothing that is here is needed any more.</summary>
    /// <param name="position">What the sink has confirmed.</param>
    /// <param name="accepted">What the journal had counted there.</param>
    public void Begin(JournalPosition position, IReadOnlyList<SourceCount> accepted)
    {
        lock (_lock)
        {
            if (position.Offset < _mark.Through || (position.Offset == _mark.Through && _chain.Count > 0))
                return;
            CloseFile();
            _mark = new SpillMark(position.Offset, accepted);
            _floor = position.Offset;
            _version++;
        }
    }

    /// <summary>Writes entries behind all others, and syncs them.</summary>
    /// <returns>Whether they are written; not when another owner has followed.</returns>
    /// <exception cref="IOException">The disk does not take them; what was there before is as it was.</exception>
    public bool Append(IReadOnlyList<JournalEntry> entries)
    {
        lock (_appending)
        {
            if (IsReplaced)
                return false;
            try
            {
                foreach (var entry in entries)
                    Write(entry);
                Commit();
                return true;
            }
            catch
            {
                lock (_lock)
                    CloseFile();
                throw;
            }
        }
    }

    /// <summary>Deletes the files of which a sink needs nothing any more; in a shared directory later.</summary>
    /// <param name="offset">What it has confirmed, durably.</param>
    public void Release(long offset)
    {
        List<SpillFile> passed;
        lock (_lock)
        {
            passed = [.. _chain.TakeWhile(file => file.Through <= offset)];
            if (passed.Count == 0)
                return;
            if (_openFile is not null && passed.Contains(_openFile))
                CloseFile();
            _chain.RemoveRange(0, passed.Count);
            _version++;
        }
        if (_leftovers is not null)
        {
            _leftovers.Add(passed.Select(file => file.Name), SpillLeftovers.KeptPassed);
            return;
        }
        foreach (var file in passed)
            _files.Delete(file.Name);
        _files.SyncDirectory();
    }

    private void Write(JournalEntry entry)
    {
        var before = _written ?? _mark;
        var bytes = SpillEntry.Write(entry, before.Through, before.Accepted);
        if (_open is not null && _writtenLength + bytes.Length > _fileBytesMax)
        {
            Commit();
            lock (_lock)
                CloseFile();
        }
        if (_open is null)
            OpenFile(before.Through);
        _open!.Write([bytes], _writtenLength);
        _writtenLength += bytes.Length;
        _written = new SpillMark(entry.Position.Offset, SourceCounts.Add(before.Accepted, entry.Frames));
    }

    private void OpenFile(long start)
    {
        var file = new SpillFile(Queue, Incarnation, start, Epoch);
        _prepare();
        _open = _files.Create(file.Name, 0);
        _openFile = file;
        _writtenLength = 0;
    }

    private void Commit()
    {
        if (_written is not { } written)
            return;
        _open!.Sync();
        if (_openFile!.Length == 0)
            _files.SyncDirectory();
        lock (_lock)
        {
            if (_openFile.Length == 0)
                _chain.Add(_openFile);
            _openFile.Length = _writtenLength;
            _openFile.Through = written.Through;
            _mark = written;
            _written = null;
            _version++;
        }
    }

    /// <summary>The next entry begins a new file. Called under the lock.</summary>
    private void CloseFile()
    {
        _open?.Dispose();
        _open = null;
        _openFile = null;
        _written = null;
        _writtenLength = 0;
    }

    private static IReadOnlyList<string> List(IStableFiles files)
    {
        try
        {
            return files.List();
        }
        catch (DirectoryNotFoundException)
        {
            return []; // nothing was ever spilled
        }
    }

    private void KeepAside(SpillFile file)
    {
        _files.Rename(file.Name, file.Name + ".foreign");
        _files.SyncDirectory();
        LogForeign(_logger, file.Name, file.Incarnation, Incarnation);
    }

    [LoggerMessage(EventIds.SpillForeign, LogLevel.Error, "The spill file {File} is of incarnation {Incarnation}, but the journal is of incarnation {Journal}: its events are not delivered, and the file is kept aside")]
    private static partial void LogForeign(ILogger logger, string file, long incarnation, long journal);

    [LoggerMessage(EventIds.SpillDamaged, LogLevel.Error, "The spill file {File} is damaged: all intact entries are delivered, the others are lost and counted, and the file is kept as {Copy}")]
    private static partial void LogDamaged(ILogger logger, string file, string copy);
}
