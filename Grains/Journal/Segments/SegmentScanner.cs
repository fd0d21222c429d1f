using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Grains.Journal.Segments;

/// <summary>What a scan came to.</summary>
internal enum ScanStep
{
    /// <summary>An intact entry: <see cref="SegmentScanner.Head"/> and <see cref="SegmentScanner.Entry"/>.</summary>
    Entry,

    /// <summary>Bytes that are no entry, with an intact entry behind them: from <see cref="SegmentScanner.GapStart"/> to <see cref="SegmentScanner.Position"/>.</summary>
    Damage,

    /// <summary>No intact entry follows; <see cref="SegmentScanner.Position"/> is the end of the last one.</summary>
    End,
}

/// <summary>Walks over the entries of a segment file, verifies each, and finds the next intact one behind damage.</summary>
/// <param name="file">The file.</param>
/// <param name="start">Logical offset of its first byte.</param>
/// <param name="from">Place in the file of the first entry.</param>
/// <param name="to">Place in the file where the segment ends.</param>
internal sealed class SegmentScanner(IStableFile file, long start, long from, long to)
{
    private const int WindowLength = 1 << 20;

    private byte[] _window = new byte[(int)Math.Min(WindowLength, Math.Max(to - from, EntryHead.HeadLength))];
    private long _windowStart = -1;
    private int _windowFilled;

    /// <summary>Place in the file where the scan goes on.</summary>
    public long Position { get; private set; } = from;

    public long GapStart { get; private set; }

    public EntryHead Head { get; private set; }

    /// <summary>The bytes of the current entry, until the next step.</summary>
    public ReadOnlyMemory<byte> Entry { get; private set; }

    /// <summary>After <see cref="ScanStep.End"/>: whether anything but zeros follows, which is a write that was cut short, or damage.</summary>
    public bool IsTailDirty { get; private set; }

    public ScanStep Next()
    {
        while (TryEntryAt(Position))
        {
            Position += Head.Length;
            if (Head.Kind == EntryKind.Append)
                return ScanStep.Entry;
        }
        GapStart = Position;
        var next = Search(Position);
        if (next < 0)
            return ScanStep.End;
        Position = next;
        return ScanStep.Damage;
    }

    private bool TryEntryAt(long position)
    {
        if (position + EntryHead.HeadLength > to)
            return false;
        if (!EntryHead.TryRead(Window(position, EntryHead.HeadLength), start + position, to - position, out var head))
            return false;
        var bytes = Window(position, head.SealedLength);
        if (bytes.Length < head.SealedLength || !EntryHead.IsIntact(bytes))
            return false;
        Head = head;
        Entry = _window.AsMemory((int)(position - _windowStart), head.SealedLength);
        return true;
    }

    private long Search(long position)
    {
        IsTailDirty = false;
        var at = position;
        while (at < to)
        {
            var bytes = Window(at, (int)Math.Min(WindowLength, to - at));
            if (bytes.IsEmpty)
                break;
            IsTailDirty = IsTailDirty || bytes.ContainsAnyExcept((byte)0);
            var found = bytes.IndexOf(EntryHead.Magic);
            if (found < 0)
            {
                // The magic may begin in the last bytes of this window.
                at += Math.Max(bytes.Length - EntryHead.Magic.Length + 1, 1);
                continue;
            }
            at += found;
            if (at > position && TryEntryAt(at))
                return at;
            at++;
        }
        return -1;
    }

    /// <summary>Bytes from a place on, fewer only at the end of the file.</summary>
    private ReadOnlySpan<byte> Window(long position, int length)
    {
        var into = position - _windowStart;
        if (_windowStart < 0 || into < 0 || into + length > _windowFilled)
        {
            if (_window.Length < length)
                _window = new byte[length];
            _windowStart = position;
            _windowFilled = file.Read(_window.AsSpan(0, (int)Math.Min(_window.Length, Math.Max(to - position, 0))), position);
            into = 0;
        }
        return _window.AsSpan((int)into, (int)Math.Min(length, _windowFilled - into));
    }
}
