using System.Buffers;
using System.Runtime.InteropServices;
using Divolte.Frontend.Spool;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;

namespace Divolte.Frontend.Submission;

/// <summary>One grain call: hands a batch to the grid and answers with a verdict for each event, or throws.</summary>
internal delegate Task<BatchReceipt> SendBatch(EventBatch batch, CancellationToken cancellationToken);

/// <summary>What a call brought for one part.</summary>
internal enum PartOutcome : byte
{
    /// <summary>Every event is durable.</summary>
    Durable,

    /// <summary>Nothing is written, and nothing of this delivery will be.</summary>
    NotWritten,

    /// <summary>Not known: deliver again under the same sequence.</summary>
    Unknown,

    /// <summary>The shard has heard that the part is settled: a part of the spool was durable then.</summary>
    Settled,
}

/// <summary>The parts of one batch on their way, copied into one array from the pool.</summary>
internal sealed class BatchCall(Guid frontend, List<BatchPart> parts, int eventCount, EventSpool? spool)
{
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(parts.Sum(part => EventBatchReader.HeadLength + part.FramesLength));
    private BatchReceipt? _receipt;

    public IReadOnlyList<BatchPart> Parts => parts;

    public int EventCount => eventCount;

    /// <summary>Whether parts of it must be read from the disk.</summary>
    public bool IsFromSpool => parts.Exists(part => part.Spooled is not null);

    /// <summary>Whether the call was answered with a verdict for each event.</summary>
    public bool IsAnswered => _receipt is not null;

    /// <summary>Sends the batch and takes its answer. Trouble with the grid is no exception here: the parts' outcomes are then unknown.</summary>
    /// <returns>What went wrong; null when the grid answered.</returns>
    public async Task<Exception?> RunAsync(SendBatch send, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            if (Write() is not { } bytes)
                return new IOException("The spool cannot be read.");
            var batch = new EventBatch { Frontend = frontend, Parts = bytes, EventCount = eventCount };
            var receipt = await WaitAsync(send(batch, cancellationToken), timeout, time);
            if (receipt.Verdicts.Length != eventCount)
                return new InvalidDataException($"A batch of {eventCount} events was answered with {receipt.Verdicts.Length} verdicts.");
            _receipt = receipt;
            RecycleBuffer();
            return null;
        }
        catch (Exception trouble) // whatever the grid's client throws: the part is delivered again
        {
            return trouble;
        }
    }

    /// <summary>The outcome of one part.</summary>
    /// <param name="first">Index of its first event in the batch.</param>
    /// <param name="eventCount">How many events it has.</param>
    public PartOutcome OutcomeOf(int first, int eventCount)
    {
        if (_receipt is null)
            return PartOutcome.Unknown;
        var outcome = PartOutcome.Durable;
        foreach (var verdict in _receipt.Verdicts.AsSpan(first, eventCount))
        {
            switch ((EventVerdict)verdict)
            {
                case EventVerdict.Accepted or EventVerdict.Duplicate or EventVerdict.AlreadyWritten:
                    break;
                case EventVerdict.Unavailable:
                    outcome = PartOutcome.NotWritten;
                    break;
                case EventVerdict.Settled:
                    return PartOutcome.Settled;
                case EventVerdict.None or EventVerdict.Retry:
                default: // a later version's verdict: nothing is promised that this build does not understand
                    return PartOutcome.Unknown;
            }
        }
        return outcome;
    }

    /// <summary>Null when a part is in the spool and cannot be read.</summary>
    private ReadOnlyMemory<byte>? Write()
    {
        var length = 0;
        foreach (var part in CollectionsMarshal.AsSpan(parts))
        {
            // Everything below its own sequence is settled: a lane delivers one part at a time.
            var head = new BatchPartHead(part.Lane.Shard, part.EventCount, part.Sequence, SettledBelow: part.Sequence);
            EventBatchReader.WriteHead(_buffer.AsSpan(length), head, part.FramesLength);
            if (!TryCopy(part, _buffer.AsSpan(length + EventBatchReader.HeadLength, part.FramesLength)))
                return null;
            length += EventBatchReader.HeadLength + part.FramesLength;
        }
        return _buffer.AsMemory(0, length);
    }

    private bool TryCopy(BatchPart part, Span<byte> target)
    {
        if (part.Frames.Length > 0 || part.Spooled is not { } entry)
        {
            part.Frames.CopyTo(target);
            return true;
        }
        var read = spool!.Read(entry, target);
        part.IsUnreadable = read == SpoolRead.Damaged;
        return read == SpoolRead.Whole;
    }

    private static async Task<BatchReceipt> WaitAsync(Task<BatchReceipt> call, TimeSpan timeout, TimeProvider time)
    {
        try
        {
            return await call.WaitAsync(timeout, time);
        }
        catch (TimeoutException) when (!call.IsCompleted)
        {
            // Nobody will await it any more; its failure is no news.
            _ = call.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>
    /// Only when every part has its final verdict is nobody reading the array any more: a call without answer, and a shard that was
    /// asked to try again (its intake may have stopped waiting), may still hold it. Such an array is left to the garbage collector.
    /// </summary>
    private void RecycleBuffer()
    {
        foreach (var verdict in _receipt!.Verdicts)
        {
            if (!((EventVerdict)verdict).IsDurable())
                return;
        }
        ArrayPool<byte>.Shared.Return(_buffer);
    }
}
