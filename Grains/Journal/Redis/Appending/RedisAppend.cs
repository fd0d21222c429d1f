using System.Text;
using Divolte.Grains.Journal.Redis.State;
using Divolte.Grains.Journal.Writing;

namespace Divolte.Grains.Journal.Redis.Appending;

/// <summary>One append on its way to Redis. Everything that can be done on the caller's thread is done there.</summary>
internal sealed class RedisAppend
{
    private readonly TaskCompletionSource<AppendOutcome> _outcome = new();

    /// <param name="append">The append.</param>
    /// <param name="lengthMax">Bytes that its frames may have.</param>
    /// <param name="isMarked">Whether its shard remembers events; see <see cref="IJournal.ReplayShardOf"/>.</param>
    /// <exception cref="ArgumentException">The append is not well-formed, or longer than the limit.</exception>
    public RedisAppend(ShardAppend append, int lengthMax, bool isMarked)
    {
        var keys = new ulong[Math.Max(append.EventCount, 1)];
        var keyCount = 0;
        if (append.Frames.Length > lengthMax)
            throw new ArgumentException($"An append of {append.Frames.Length} bytes is longer than {lengthMax}.", nameof(append));
        var frames = FrameKeys.Collect(append.Frames.Span, ref keys, ref keyCount);
        if (frames != append.EventCount)
            throw new ArgumentException($"An append of {append.EventCount} events holds {frames} frames.", nameof(append));
        foreach (var source in append.Sources)
        {
            if (Encoding.UTF8.GetByteCount(source.Source) > ushort.MaxValue || source.Events is < 0 or > int.MaxValue)
                throw new ArgumentException($"A source with {source.Events} events cannot be stored.", nameof(append));
        }
        Append = append;
        MarkCount = isMarked ? keyCount : 0;
        Marks = MarkChunk.Encode(keys.AsSpan(0, MarkCount));
    }

    public ShardAppend Append { get; }

    /// <summary>Events that are first sights.</summary>
    public int MarkCount { get; }

    /// <summary>Their marks, as stored.</summary>
    public byte[] Marks { get; }

    /// <summary>Bytes that it adds to a script, about.</summary>
    public int Length => Append.Frames.Length + Marks.Length + 256;

    public Task<AppendOutcome> Outcome => _outcome.Task;

    /// <summary>Answers the caller, whose continuation runs on this thread: see <see cref="RedisAnswers"/>. Only the first answer counts.</summary>
    public void Complete(AppendOutcome outcome) => _outcome.TrySetResult(outcome);
}
