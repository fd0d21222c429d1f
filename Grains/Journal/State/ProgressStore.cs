using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Grains.Journal.State;

/// <summary>
/// The progress of all sinks, in two files written in turn, each with a generation and a checksum: the newest whole one counts. Overwriting in place
/// needs no room, so that sinks can move on, and free segments, when the disk is full.
/// </summary>
/// <remarks>Thread-safe. Changes are kept in memory until <see cref="Flush"/>.</remarks>
internal sealed class ProgressStore : IDisposable
{
    private const ushort Version = 2;

    /// <summary>The version before sinks had spill files: the same without <see cref="SinkProgress.SpilledThrough"/>.</summary>
    private const ushort VersionWithoutSpill = 1;
    private const int PrefixLength = 40;
    private const int Growth = 64 * 1024;
    private static readonly string[] Names = ["progress-0", "progress-1"];

    private readonly Lock _gate = new();
    private readonly Lock _flushing = new();
    private readonly IStableFile[] _slots;
    private readonly Dictionary<(string Sink, int Queue), SinkProgress> _current = [];
    private IReadOnlyCollection<SinkProgress> _synced = [];
    private long _generation;
    private bool _isDirty;

    private ProgressStore(IStableFile[] slots) => _slots = slots;

    private static ReadOnlySpan<byte> Magic => "DIVPRG\r\n"u8;

    /// <summary>Opens the two files, or makes them.</summary>
    /// <exception cref="JournalException">Both are damaged, or a later release wrote them.</exception>
    public static ProgressStore Open(IStableFiles files)
    {
        var present = files.List();
        var isNew = false;
        var slots = new IStableFile[Names.Length];
        for (var slot = 0; slot < slots.Length; slot++)
        {
            if (present.Contains(Names[slot]))
            {
                slots[slot] = files.Open(Names[slot]);
                continue;
            }
            slots[slot] = files.Create(Names[slot], Growth);
            slots[slot].Sync();
            isNew = true;
        }
        if (isNew)
            files.SyncDirectory();
        var store = new ProgressStore(slots);
        store.Load(files.Directory);
        return store;
    }

    public SinkProgress? Read(string sink, int queue)
    {
        lock (_gate)
            return _current.GetValueOrDefault((sink, queue));
    }

    public IReadOnlyList<SinkProgress> List()
    {
        lock (_gate)
            return [.. _current.Values];
    }

    /// <summary>The progress that a crash cannot take back.</summary>
    public IReadOnlyCollection<SinkProgress> Synced
    {
        get
        {
            lock (_gate)
                return _synced;
        }
    }

    /// <param name="progress">What to keep; its ledger is copied.</param>
    /// <param name="mayGoBack">Whether it replaces progress that is further.</param>
    /// <returns>Whether it is kept.</returns>
    public bool Save(SinkProgress progress, bool mayGoBack = false)
    {
        // The ledger may lie in a buffer that its owner uses again.
        var kept = progress with { Ledger = progress.Ledger.ToArray() };
        lock (_gate)
        {
            if (!mayGoBack && _current.TryGetValue((progress.Sink, progress.Queue), out var known) && IsBefore(progress.Position, known.Position))
                return false;
            _current[(progress.Sink, progress.Queue)] = kept;
            _isDirty = true;
            return true;
        }
    }

    public void Release(string sink)
    {
        lock (_gate)
        {
            foreach (var key in _current.Keys.Where(key => key.Sink == sink).ToList())
                _current.Remove(key);
            _isDirty = true;
        }
    }

    /// <summary>Makes all changes so far durable; does nothing when there are none. After an exception they are still to be made so.</summary>
    public void Flush()
    {
        lock (_flushing)
        {
            List<SinkProgress> changed;
            lock (_gate)
            {
                if (!_isDirty)
                    return;
                _isDirty = false;
                changed = [.. _current.Values];
            }
            try
            {
                Write(changed);
            }
            catch
            {
                lock (_gate)
                    _isDirty = true;
                throw;
            }
            lock (_gate)
                _synced = changed;
        }
    }

    public void Dispose()
    {
        foreach (var slot in _slots)
            slot.Dispose();
    }

    private static bool IsBefore(JournalPosition one, JournalPosition other) =>
        one.Incarnation < other.Incarnation || (one.Incarnation == other.Incarnation && one.Offset < other.Offset);

    private void Write(List<SinkProgress> all)
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[PrefixLength]);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(all.Count);
        foreach (var progress in all)
        {
            writer.Write(progress.Sink);
            writer.Write(progress.Queue);
            writer.Write(progress.Position.Incarnation);
            writer.Write(progress.Position.Offset);
            writer.Write(progress.SpilledThrough);
            writer.Write(progress.Ledger.Length);
            writer.Write(progress.Ledger.Span);
        }
        var bytes = stream.ToArray();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), _generation + 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), bytes.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), ChecksumOf(bytes));

        // The slot that holds the newest whole generation is never the one that is written.
        var slot = _slots[(_generation + 1) % _slots.Length];
        if (slot.Length < bytes.Length)
            slot.SetLength((bytes.Length + Growth) / Growth * Growth);
        slot.Write([bytes], 0);
        slot.Sync();
        _generation++;
    }

    private void Load(string directory)
    {
        IReadOnlyList<SinkProgress>? newest = null;
        var damaged = 0;
        foreach (var slot in _slots)
        {
            if (ReadSlot(slot) is not { } found)
            {
                damaged += IsEmpty(slot) ? 0 : 1;
                continue;
            }
            if (found.Generation <= _generation)
                continue;
            _generation = found.Generation;
            newest = found.Progress;
        }
        // One spoilt slot is a write that was cut short. With both spoilt every sink would look new, start at the end and skip its backlog.
        if (damaged == _slots.Length)
            throw new JournalException($"The progress of the sinks in {directory} cannot be read: {string.Join(" and ", Names)} are both damaged. "
                + "Restore one of them, or delete both to let every sink start at the end of the journal.");
        foreach (var progress in newest ?? [])
            _current[(progress.Sink, progress.Queue)] = progress;
        _synced = newest ?? [];
    }

    private static (long Generation, IReadOnlyList<SinkProgress> Progress)? ReadSlot(IStableFile slot)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        if (slot.Read(prefix, 0) < PrefixLength || !prefix.StartsWith(Magic))
            return null;
        var version = BinaryPrimitives.ReadUInt16LittleEndian(prefix[8..]);
        if (version is not (Version or VersionWithoutSpill))
            throw new JournalException($"The progress of the sinks has format {version}; this release reads formats {VersionWithoutSpill} and {Version}.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix[24..]);
        if (length < PrefixLength || length > slot.Length)
            return null;
        var bytes = new byte[length];
        if (slot.Read(bytes, 0) < length || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(32)) != ChecksumOf(bytes))
            return null;
        using var reader = new BinaryReader(new MemoryStream(bytes, PrefixLength, length - PrefixLength), Encoding.UTF8);
        var all = new SinkProgress[reader.ReadInt32()];
        for (var at = 0; at < all.Length; at++)
        {
            var sink = reader.ReadString();
            var queue = reader.ReadInt32();
            var position = new JournalPosition(reader.ReadInt64(), reader.ReadInt64());
            var spilledThrough = version == VersionWithoutSpill ? 0 : reader.ReadInt64();
            all[at] = new SinkProgress(sink, queue, position, reader.ReadBytes(reader.ReadInt32())) { SpilledThrough = spilledThrough };
        }
        return (BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16)), all);
    }

    private static bool IsEmpty(IStableFile slot)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        return !prefix[..slot.Read(prefix, 0)].ContainsAnyExcept((byte)0);
    }

    private static ulong ChecksumOf(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes[PrefixLength..], BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
}
