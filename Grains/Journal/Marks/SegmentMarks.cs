namespace Divolte.Grains.Journal.Marks;

/// <summary>The marks of one segment in the order of the log, collected while it grows. Guarded by its owner.</summary>
internal sealed class SegmentMarks
{
    private readonly List<Group> _groups = [];
    private ulong[] _keys = [];

    public int Count { get; private set; }

    public void Add(int shard, long ticks, ReadOnlySpan<ulong> keys)
    {
        if (keys.IsEmpty)
            return;
        if (Count + keys.Length > _keys.Length)
            Array.Resize(ref _keys, Math.Max(Math.Max(1024, _keys.Length * 2), Count + keys.Length));
        keys.CopyTo(_keys.AsSpan(Count));
        _groups.Add(new Group(shard, ticks, Count, keys.Length));
        Count += keys.Length;
    }

    /// <summary>Appends the marks of a shard, oldest first.</summary>
    public void CopyTo(List<EventMark> target, int shard)
    {
        foreach (var group in _groups)
        {
            if (group.Shard != shard)
                continue;
            var seenAt = new DateTimeOffset(group.Ticks, TimeSpan.Zero);
            foreach (var key in KeysOf(group))
                target.Add(new EventMark(key, seenAt));
        }
    }

    /// <summary>The groups by shard, each shard's in order.</summary>
    public IEnumerable<IGrouping<int, Group>> ByShard() => _groups.GroupBy(group => group.Shard).OrderBy(group => group.Key);

    public ReadOnlySpan<ulong> KeysOf(Group group) => _keys.AsSpan(group.First, group.Count);

    /// <summary>The marks of one entry.</summary>
    internal readonly record struct Group(int Shard, long Ticks, int First, int Count);
}
