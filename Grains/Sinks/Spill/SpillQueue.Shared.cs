using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Spill;

/// <content>
/// In a directory that several processes see. Each owner writes files of its own, named by the epoch of its claim, and the list that is stored with the progress
/// says which files of whom are the backlog, and how far. So whatever a process writes, or deletes, that does not know its successor yet, the list holds.
/// </content>
internal sealed partial class SpillQueue
{
    private SpillLeftovers? _leftovers;
    private long _version;
    private (long Version, ReadOnlyMemory<byte> Bytes) _storedForm;
    private volatile bool _isReplaced;

    /// <summary>Epoch of the claim under which it was opened; 0 in a directory that is one process's alone.</summary>
    public long Epoch { get; private init; }

    /// <summary>Whether another owner has followed: nothing more is written here.</summary>
    public bool IsReplaced => _isReplaced;

    /// <summary>Whether files that nobody needs any more are to be deleted now.</summary>
    public bool HasDueFiles => _leftovers?.HasDue == true;

    /// <summary>Opens what the list of a claim names.</summary>
    /// <param name="files">The sink's directory of spill files.</param>
    /// <param name="found">What was in it before the claim; anything else there is not this owner's to delete.</param>
    /// <param name="progress">The sink's progress, just claimed, of the journal's incarnation.</param>
    /// <param name="prepare">Makes the directory; called before a file is made.</param>
    /// <param name="time">The clock of what is deleted late.</param>
    /// <param name="logger">Hears of damage.</param>
    /// <param name="fileBytesMax">See <see cref="FileBytesMax"/>.</param>
    /// <exception cref="InvalidDataException">The stored list cannot be read.</exception>
    public static SpillQueue OpenShared(
        IStableFiles files,
        IEnumerable<SpillFile> found,
        SinkProgress progress,
        Action prepare,
        TimeProvider time,
        ILogger logger,
        long fileBytesMax = FileBytesMax)
    {
        var claim = progress.Claim ?? throw new ArgumentException("It is not claimed.", nameof(progress));
        var list = SpillList.Read(progress.Queue, claim.Files);
        var spill = new SpillQueue(files, progress.Queue, progress.Position.Incarnation, list.Mark, prepare, fileBytesMax, logger)
        {
            Epoch = claim.Epoch,
            _version = claim.Version,
            _leftovers = new SpillLeftovers(files, time),
        };
        spill._chain.AddRange(list.Files);
        var named = list.Files.Select(file => file.Name).ToHashSet();
        spill._leftovers.Add(
            found.Where(file => file.Queue == progress.Queue && file.Epoch < claim.Epoch).Select(file => file.Name).Where(name => !named.Contains(name)),
            SpillLeftovers.KeptUnnamed);
        return spill;
    }

    /// <summary>How far everything is here and synced, with the claim and the list that say so to the next owner.</summary>
    public (SpillMark Mark, SpillClaim? Claim) Snapshot()
    {
        lock (_lock)
        {
            if (_leftovers is null)
                return (_mark, null);
            if (_storedForm.Version != _version || _storedForm.Bytes.IsEmpty)
                _storedForm = (_version, new SpillList(_mark, _chain).Write());
            return (_mark, new SpillClaim(Epoch, _version, _chain.Sum(file => file.Length), _storedForm.Bytes));
        }
    }

    /// <summary>Another owner has followed, or is about to: nothing is written or deleted any more.</summary>
    public void Replace()
    {
        _isReplaced = true;
        lock (_appending)
        {
            lock (_lock)
                CloseFile();
        }
    }

    /// <summary>Deletes what was to be deleted late.</summary>
    /// <exception cref="IOException">A file cannot be deleted; it is tried again.</exception>
    public void DeleteDue() => _leftovers?.DeleteDue();
}
