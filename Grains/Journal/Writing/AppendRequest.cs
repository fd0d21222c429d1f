using System.Buffers.Binary;
using System.Text;
using System.Threading.Tasks.Sources;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal.Segments;

namespace Divolte.Grains.Journal.Writing;

/// <summary>One append on its way to the disk, used again for others afterwards. Everything that can be done on the caller's thread is done there.</summary>
/// <param name="pool">Where it goes when its caller has taken the outcome.</param>
internal sealed class AppendRequest(AppendRequestPool pool) : IValueTaskSource<AppendOutcome>
{
    private const int SourceHeadLength = sizeof(int) + sizeof(ushort);
    private const int KeysKeptMax = 4096;

    // Continuations run where the request is completed: AnsweredAppends sees to it that this is not the writer's thread.
    private ManualResetValueTaskSourceCore<AppendOutcome> _outcome;
    private ulong[] _keys = new ulong[64];
    private int _keyCount;
    private int _sourcesLength;

    public ShardAppend Append { get; private set; } = null!;

    /// <summary>Bytes of the entry.</summary>
    public int Length { get; private set; }

    /// <summary>The head as it was written.</summary>
    public EntryHead Head { get; private set; }

    /// <summary>The identity keys of the events that are first sights.</summary>
    public ReadOnlySpan<ulong> Keys => _keys.AsSpan(0, _keyCount);

    public ValueTask<AppendOutcome> Outcome => new(this, _outcome.Version);

    /// <summary>Takes an append in.</summary>
    /// <exception cref="ArgumentException">It is not well-formed, or longer than the limit.</exception>
    public void Start(ShardAppend append, int lengthMax)
    {
        _keyCount = 0;
        _sourcesLength = 0;
        for (var at = 0; at < append.Sources.Count; at++)
            _sourcesLength += SourceHeadLength + LengthOf(append.Sources[at]);
        var length = EntryHead.LengthOf(_sourcesLength, append.Frames.Length);
        if (length > lengthMax)
            throw new ArgumentException($"An append of {length} bytes is longer than {lengthMax}.", nameof(append));
        var frames = FrameKeys.Collect(append.Frames.Span, ref _keys, ref _keyCount);
        if (frames != append.EventCount)
            throw new ArgumentException($"An append of {append.EventCount} events holds {frames} frames.", nameof(append));
        Append = append;
        Length = (int)length;
    }

    /// <summary>Writes the whole entry into its place.</summary>
    public void Write(Span<byte> target, long offset, int queue, long syncedBefore, long ticks)
    {
        Head = new EntryHead(
            EntryKind.Append,
            offset,
            Length,
            queue,
            Append.Shard,
            syncedBefore,
            Append.Epoch,
            Append.Sequence,
            Append.SettledBelow,
            Append.Frontend,
            ticks,
            Append.EventCount,
            Append.Frames.Length,
            Append.Sources.Count,
            _sourcesLength);
        Head.Write(target);
        var rest = target[EntryHead.HeadLength..];
        for (var at = 0; at < Append.Sources.Count; at++)
        {
            var source = Append.Sources[at];
            var nameLength = Encoding.UTF8.GetBytes(source.Source, rest[SourceHeadLength..]);
            BinaryPrimitives.WriteInt32LittleEndian(rest, checked((int)source.Events));
            BinaryPrimitives.WriteUInt16LittleEndian(rest[sizeof(int)..], checked((ushort)nameLength));
            rest = rest[(SourceHeadLength + nameLength)..];
        }
        Append.Frames.Span.CopyTo(rest);
        rest[Append.Frames.Length..].Clear();
        EntryHead.Seal(target);
    }

    /// <summary>Answers the caller, whose continuation runs on this thread.</summary>
    public void Complete(AppendStatus status, DateTimeOffset storeTime) => _outcome.SetResult(new AppendOutcome(status, storeTime));

    private static int LengthOf(SourceCount source)
    {
        var length = Encoding.UTF8.GetByteCount(source.Source);
        return length <= ushort.MaxValue && source.Events is >= 0 and <= int.MaxValue
            ? length
            : throw new ArgumentException($"A source of {length} bytes with {source.Events} events cannot be stored.", nameof(source));
    }

    AppendOutcome IValueTaskSource<AppendOutcome>.GetResult(short token)
    {
        var outcome = _outcome.GetResult(token);
        _outcome.Reset();
        Append = null!;
        if (_keys.Length > KeysKeptMax)
            _keys = new ulong[64];
        pool.Return(this);
        return outcome;
    }

    ValueTaskSourceStatus IValueTaskSource<AppendOutcome>.GetStatus(short token) => _outcome.GetStatus(token);

    void IValueTaskSource<AppendOutcome>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _outcome.OnCompleted(continuation, state, token, flags);
}

/// <summary>Requests to use again, a bounded number.</summary>
/// <param name="kept">How many are kept.</param>
internal sealed class AppendRequestPool(int kept)
{
    private readonly AppendRequest[] _free = new AppendRequest[kept];
    private int _count;

    public AppendRequest Rent()
    {
        lock (_free)
        {
            if (_count > 0)
                return _free[--_count];
        }
        return new AppendRequest(this);
    }

    public void Return(AppendRequest request)
    {
        lock (_free)
        {
            if (_count < _free.Length)
                _free[_count++] = request;
        }
    }
}
