using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// Files in a shared directory that the present list does not name, deleted late. A store that fails over to a lagging replica goes back to a list that named
/// them: then they are read again, and what they hold is delivered again, instead of being counted as lost.
/// </summary>
/// <remarks>
/// What is deleted too early was confirmed by the destination all the same: a list that needs it can only be older than the progress beyond it.
/// </remarks>
internal sealed class SpillLeftovers(IStableFiles files, TimeProvider time)
{
    /// <summary>
    /// For files that the sink has passed. Sentinel promotes no replica that had lost its primary for longer than ten times <c>down-after-milliseconds</c>,
    /// by default 30 s; without it nobody should.
    /// </summary>
    public static readonly TimeSpan KeptPassed = TimeSpan.FromMinutes(5);

    /// <summary>For files that were there without being named: an earlier owner passed them, or wrote them after he had a successor. Rare, and small, so there is no hurry.</summary>
    public static readonly TimeSpan KeptUnnamed = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly List<(string Name, long Since, TimeSpan Kept)> _waiting = [];

    /// <summary>Whether something is to be deleted now.</summary>
    public bool HasDue
    {
        get
        {
            lock (_lock)
                return _waiting.Exists(IsDue);
        }
    }

    public void Add(IEnumerable<string> names, TimeSpan kept)
    {
        lock (_lock)
            _waiting.AddRange(names.Select(name => (name, time.GetTimestamp(), kept)));
    }

    /// <summary>Deletes what is due.</summary>
    /// <exception cref="IOException">A file cannot be deleted; it is tried again.</exception>
    public void DeleteDue()
    {
        lock (_lock)
        {
            for (var at = _waiting.Count - 1; at >= 0; at--)
            {
                if (!IsDue(_waiting[at]))
                    continue;
                files.Delete(_waiting[at].Name);
                _waiting.RemoveAt(at);
            }
        }
    }

    private bool IsDue((string Name, long Since, TimeSpan Kept) file) => time.GetElapsedTime(file.Since) >= file.Kept;
}
