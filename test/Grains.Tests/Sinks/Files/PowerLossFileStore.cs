using Divolte.Grains.Sinks.Files;

namespace Divolte.Grains.Tests.Sinks.Files;

/// <summary>
/// Files in memory that lose at a crash what a disk may lose: every write not yet synced, or any part of it. Can be told to fail; as with a disk, what a
/// failed call was to do may be done all the same.
/// </summary>
internal sealed class PowerLossFileStore(Random random) : IFileStore
{
    private readonly Dictionary<string, Content> _files = [];
    private readonly HashSet<string> _directories = ["/place", "/done"];
    private int _callsUntilFailure = int.MaxValue;

    /// <summary>Every call after so many fails as a full disk does, until <see cref="Heal"/>.</summary>
    public void FailAfter(int calls) => _callsUntilFailure = calls;

    public void Heal() => _callsUntilFailure = int.MaxValue;

    /// <summary>Pulls the plug: of each file stays what was synced, and a random part of what was not.</summary>
    public void Crash()
    {
        Heal();
        foreach (var (path, content) in _files.ToArray())
        {
            if (!content.IsNameSynced)
                _files.Remove(path);
            else
                content.LoseUnsynced(random);
        }
    }

    public IEnumerable<string> Paths => _files.Keys;

    public byte[] BytesOf(string path) => _files[path].Bytes.ToArray();

    public void Put(string path, byte[] bytes) => _files[path] = new Content { Bytes = [.. bytes], Synced = bytes, IsNameSynced = true };

    public void RemoveDirectory(string path) => _directories.Remove(path);

    public IStoredFile Create(string path)
    {
        if (_files.ContainsKey(path))
            throw new IOException($"{path} exists");
        Step(() => _files.Add(path, new Content()));
        return new Handle(this, _files[path]);
    }

    public IStoredFile Open(string path)
    {
        Step(() => { });
        return new Handle(this, _files.TryGetValue(path, out var content) ? content : throw new FileNotFoundException(path));
    }

    public bool Exists(string path) => _files.ContainsKey(path);

    public long LengthOf(string path) => _files[path].Bytes.Count;

    public bool DirectoryExists(string path) => _directories.Contains(path);

    public void CreateDirectory(string path) => Step(() => _directories.Add(path));

    public void Move(string source, string target)
    {
        if (_files.ContainsKey(target))
            throw new IOException($"{target} exists");
        Replace(source, target);
    }

    public void Replace(string source, string target) => Step(() =>
    {
        _files[target] = _files[source];
        _files[target].IsNameSynced = true;
        _files.Remove(source);
    });

    public void Delete(string path) => Step(() => _files.Remove(path));

    public IReadOnlyList<string> List(string directory, string suffix) =>
        [.. _files.Keys.Where(path => Path.GetDirectoryName(path) == directory && path.EndsWith(suffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private void Step(Action effect)
    {
        if (_callsUntilFailure-- > 0)
        {
            effect();
            return;
        }
        _callsUntilFailure = 0;
        if (random.Next(2) == 0)
            effect();
        throw new IOException("No space left on device");
    }

    private sealed class Content
    {
        public List<byte> Bytes { get; set; } = [];

        public byte[] Synced { get; set; } = [];

        public bool IsNameSynced { get; set; }

        public void LoseUnsynced(Random random)
        {
            var unsynced = Bytes.Count - Synced.Length;
            // The tail may be there in part, and then as zeros: what a file system does with an extended length.
            var kept = unsynced > 0 ? random.Next(unsynced + 1) : 0;
            Bytes = [.. Synced, .. new byte[kept]];
        }
    }

    private sealed class Handle(PowerLossFileStore store, Content content) : IStoredFile
    {
        public long Length => content.Bytes.Count;

        public int Read(long offset, Span<byte> target)
        {
            var count = (int)Math.Min(target.Length, content.Bytes.Count - offset);
            content.Bytes.Slice((int)offset, count).ToArray().CopyTo(target);
            return count;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            var written = bytes.ToArray();
            store.Step(() =>
            {
                while (content.Bytes.Count < offset + written.Length)
                    content.Bytes.Add(0);
                for (var index = 0; index < written.Length; index++)
                    content.Bytes[(int)offset + index] = written[index];
            });
        }

        public void Truncate(long length) => store.Step(() => content.Bytes.RemoveRange((int)length, content.Bytes.Count - (int)length));

        public void Sync() => store.Step(() =>
        {
            content.Synced = [.. content.Bytes];
            content.IsNameSynced = true;
        });

        public void Dispose()
        {
        }
    }
}
