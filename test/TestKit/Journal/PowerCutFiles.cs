using Divolte.Grains.Journal;
using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.TestKit.Journal;

/// <summary>
/// A journal directory in memory that behaves like a disk at its worst: what is not synced may be gone after a power cut, in whole or in part, also
/// names; a failed sync throws away what it should have kept, and no later one brings it back. The directory lives on when the power returns.
/// </summary>
internal sealed class PowerCutFiles : IStableFiles
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Inode> _names = [];
    private readonly List<Action<Dictionary<string, Inode>>> _unsyncedNames = [];
    private Dictionary<string, Inode> _durableNames = [];
    private int _power;
    private bool _isOff;
    private bool _isLocked;

    public string Directory => "memory";

    /// <summary>Bytes that all files together may take.</summary>
    public long Room { get; set; } = long.MaxValue;

    /// <summary>So many of the next syncs of files fail.</summary>
    public int SyncsToFail { get; set; }

    /// <summary>So many of the next writes fail half way.</summary>
    public int WritesToFail { get; set; }

    /// <summary>Called in every sync of a file, before it happens.</summary>
    public Action? Syncing { get; set; }

    public int Syncs { get; private set; }

    public int Writes { get; private set; }

    public long BytesRead { get; private set; }

    public IEnumerable<string> Names
    {
        get
        {
            lock (_gate)
                return [.. _names.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Takes the power away: nothing works until <see cref="Start"/>, and of what was not synced only what chance spared is left.</summary>
    /// <param name="chance">Decides what survives; null: nothing does.</param>
    public void CutPower(Random? chance)
    {
        lock (_gate)
        {
            if (_isOff)
                return;
            Stop();
            // A file system keeps names in order: some of the changes, but never a later one without an earlier.
            foreach (var change in _unsyncedNames.Take(chance?.Next(_unsyncedNames.Count + 1) ?? 0))
                change(_durableNames);
            _unsyncedNames.Clear();
            _names.Clear();
            foreach (var (name, inode) in _durableNames)
            {
                inode.CutPower(chance);
                _names.Add(name, inode);
            }
        }
    }

    /// <summary>Ends the process that has the directory open, not the system: everything written is still there, and nothing works until <see cref="Start"/>.</summary>
    public void KillProcess()
    {
        lock (_gate)
            Stop();
    }

    /// <summary>The next process may open the directory. Files that were open are dead.</summary>
    public void Start()
    {
        lock (_gate)
            _isOff = false;
    }

    /// <summary>Turns a bit, on the disk and in the cache.</summary>
    public void Flip(string name, long offset)
    {
        lock (_gate)
            _names[name].Flip(offset);
    }

    /// <summary>Shortens a file behind the journal's back, durably.</summary>
    public void Truncate(string name, long length)
    {
        lock (_gate)
            _names[name].Truncate(length);
    }

    /// <summary>Removes a file behind the journal's back, durably.</summary>
    public void Remove(string name)
    {
        lock (_gate)
        {
            _names.Remove(name);
            _durableNames.Remove(name);
        }
    }

    public byte[] Content(string name)
    {
        lock (_gate)
            return _names[name].Current.ToArray();
    }

    /// <summary>All files as they are now, for <see cref="Restore"/>.</summary>
    public IReadOnlyDictionary<string, byte[]> Backup()
    {
        lock (_gate)
            return _names.ToDictionary(pair => pair.Key, pair => pair.Value.Current.ToArray());
    }

    /// <summary>Puts the files of a backup in place of all others, durably.</summary>
    public void Restore(IReadOnlyDictionary<string, byte[]> backup)
    {
        lock (_gate)
        {
            _power++;
            _isLocked = false;
            _names.Clear();
            _unsyncedNames.Clear();
            foreach (var (name, bytes) in backup)
                _names.Add(name, new Inode(bytes));
            _durableNames = new Dictionary<string, Inode>(_names);
        }
    }

    IDisposable IStableFiles.Lock()
    {
        lock (_gate)
        {
            RequirePower();
            if (_isLocked)
                throw new StableFilesException("The data directory memory is in use by process 1; give each process its own.");
            _isLocked = true;
            return new DirectoryLock(this, _power);
        }
    }

    IReadOnlyList<string> IStableFiles.List() => [.. Names];

    IStableFile IStableFiles.Create(string name, long length)
    {
        lock (_gate)
        {
            RequirePower();
            if (_names.Remove(name))
                _unsyncedNames.Add(names => names.Remove(name));
            RequireRoom(length);
            var inode = new Inode([]);
            _names[name] = inode;
            _unsyncedNames.Add(names => names[name] = inode);
            inode.SetLength(length);
            return new OpenFile(this, inode, _power);
        }
    }

    IStableFile IStableFiles.Open(string name)
    {
        lock (_gate)
        {
            RequirePower();
            return _names.TryGetValue(name, out var inode) ? new OpenFile(this, inode, _power) : throw new FileNotFoundException($"no {name}");
        }
    }

    void IStableFiles.Rename(string source, string target)
    {
        lock (_gate)
        {
            RequirePower();
            if (!_names.Remove(source, out var inode))
                throw new FileNotFoundException($"no {source}");
            _names[target] = inode;
            _unsyncedNames.Add(names =>
            {
                if (names.Remove(source, out var moved))
                    names[target] = moved;
            });
        }
    }

    void IStableFiles.Copy(string source, string target)
    {
        lock (_gate)
        {
            RequirePower();
            var bytes = _names[source].Current;
            RequireRoom(bytes.Length);
            var inode = new Inode([]);
            inode.Write(bytes.ToArray(), 0);
            _names.Add(target, inode);
            _unsyncedNames.Add(names => names[target] = inode);
        }
    }

    void IStableFiles.Delete(string name)
    {
        lock (_gate)
        {
            RequirePower();
            if (_names.Remove(name))
                _unsyncedNames.Add(names => names.Remove(name));
        }
    }

    void IStableFiles.SyncDirectory()
    {
        lock (_gate)
        {
            RequirePower();
            foreach (var change in _unsyncedNames)
                change(_durableNames);
            _unsyncedNames.Clear();
        }
    }

    private void Stop()
    {
        _power++;
        _isOff = true;
        _isLocked = false;
        SyncsToFail = 0;
        WritesToFail = 0;
    }

    private void RequirePower()
    {
        if (_isOff)
            throw new IOException("The power is off.");
    }

    private void RequireRoom(long bytes)
    {
        RequirePower();
        if (_names.Values.Sum(inode => (long)inode.Current.Length) + bytes > Room)
            throw new IOException("No space left on device");
    }

    private sealed class DirectoryLock(PowerCutFiles files, int power) : IDisposable
    {
        public void Dispose()
        {
            lock (files._gate)
            {
                if (files._power == power)
                    files._isLocked = false;
            }
        }
    }

    private sealed class OpenFile(PowerCutFiles files, Inode inode, int power) : IStableFile
    {
        private bool _isDisposed;

        public long Length
        {
            get
            {
                lock (files._gate)
                    return Alive().Current.Length;
            }
        }

        public int Read(Span<byte> target, long offset)
        {
            lock (files._gate)
            {
                var current = Alive().Current;
                var length = (int)Math.Clamp(current.Length - offset, 0, target.Length);
                if (length > 0)
                    current.Slice((int)offset, length).CopyTo(target);
                files.BytesRead += length;
                return length;
            }
        }

        public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken) => new(Read(target.Span, offset));

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset)
        {
            lock (files._gate)
            {
                var bytes = pieces.SelectMany(piece => piece.ToArray()).ToArray();
                files.Writes++;
                if (files.WritesToFail > 0)
                {
                    files.WritesToFail--;
                    Alive().Write(bytes[..(bytes.Length / 2)], offset);
                    throw new IOException("Input/output error");
                }
                files.RequireRoom(Math.Max(offset + bytes.Length - inode.Current.Length, 0));
                Alive().Write(bytes, offset);
            }
        }

        public void SetLength(long length)
        {
            lock (files._gate)
            {
                files.RequireRoom(Math.Max(length - inode.Current.Length, 0));
                Alive().SetLength(length);
            }
        }

        public void Sync()
        {
            files.Syncing?.Invoke();
            lock (files._gate)
            {
                files.Syncs++;
                if (files.SyncsToFail > 0)
                {
                    files.SyncsToFail--;
                    Alive().FailSync();
                    throw new IOException("Input/output error");
                }
                Alive().Sync();
            }
        }

        public void Dispose() => _isDisposed = true;

        private Inode Alive()
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return files._power == power && !files._isOff ? inode : throw new IOException("The power is off.");
        }
    }

    /// <summary>A file: what is on the disk, what is only in the cache, and the writes between the two.</summary>
    private sealed class Inode(byte[] bytes)
    {
        private const int SectorLength = 512;
        private readonly List<(long Offset, byte[]? Bytes)> _unsynced = [];
        private byte[] _durable = bytes;
        private byte[] _current = [.. bytes];

        public ReadOnlySpan<byte> Current => _current;

        public void Write(byte[] bytes, long offset)
        {
            Apply(ref _current, offset, bytes);
            _unsynced.Add((offset, bytes));
        }

        public void SetLength(long length)
        {
            Apply(ref _current, length, null);
            _unsynced.Add((length, null));
        }

        public void Sync()
        {
            foreach (var (offset, bytes) in _unsynced)
                Apply(ref _durable, offset, bytes);
            _unsynced.Clear();
        }

        public void FailSync() => _unsynced.Clear();

        public void CutPower(Random? chance)
        {
            if (chance is not null)
            {
                foreach (var (offset, bytes) in _unsynced)
                    Survive(chance, offset, bytes);
            }
            _unsynced.Clear();
            _current = [.. _durable];
        }

        public void Flip(long offset)
        {
            _current[offset] ^= 1;
            if (offset < _durable.Length)
                _durable[offset] ^= 1;
        }

        public void Truncate(long length)
        {
            Array.Resize(ref _current, (int)length);
            Array.Resize(ref _durable, (int)Math.Min(length, _durable.Length));
        }

        /// <summary>A disk writes sectors, in any order; a sector is old or new, never half.</summary>
        private void Survive(Random chance, long offset, byte[]? bytes)
        {
            var mood = chance.Next(3);
            if (mood == 0)
                return;
            if (bytes is null || mood == 1)
            {
                Apply(ref _durable, offset, bytes);
                return;
            }
            for (var at = 0L; at < bytes.Length;)
            {
                var end = Math.Min(bytes.Length, (((offset + at) / SectorLength) + 1) * SectorLength - offset);
                if (chance.Next(2) == 0)
                    Apply(ref _durable, offset + at, bytes[(int)at..(int)end]);
                at = end;
            }
        }

        private static void Apply(ref byte[] target, long offset, byte[]? bytes)
        {
            var length = bytes is null ? offset : Math.Max(target.Length, offset + bytes.Length);
            if (length != target.Length)
                Array.Resize(ref target, (int)length);
            bytes?.CopyTo(target, offset);
        }
    }
}
