using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Orleans.Runtime;

namespace Divolte.Grains.Intake;

/// <summary>The parts of a batch whose shards belong to one other silo.</summary>
internal sealed class ForwardedBatch(SiloAddress silo)
{
    private readonly List<RoutedPart> _parts = [];
    private int _length;
    private int _eventCount;

    public SiloAddress Silo => silo;

    public IReadOnlyList<RoutedPart> Parts => _parts;

    /// <summary>The batch for a silo; made when there is none yet.</summary>
    public static ForwardedBatch To(SiloAddress silo, List<ForwardedBatch> batches)
    {
        foreach (var batch in batches)
        {
            if (batch.Silo.Equals(silo))
                return batch;
        }
        var added = new ForwardedBatch(silo);
        batches.Add(added);
        return added;
    }

    public void Add(RoutedPart part)
    {
        _parts.Add(part);
        _length += EventBatchReader.HeadLength + part.Frames.Length;
        _eventCount += part.Head.EventCount;
    }

    public EventBatch ToBatch()
    {
        var bytes = new byte[_length];
        var offset = 0;
        foreach (var part in _parts)
        {
            EventBatchReader.WriteHead(bytes.AsSpan(offset), part.Head, part.Frames.Length);
            part.Frames.CopyTo(bytes.AsMemory(offset + EventBatchReader.HeadLength));
            offset += EventBatchReader.HeadLength + part.Frames.Length;
        }
        return new EventBatch { Frontend = _parts[0].Frontend, Parts = bytes, EventCount = _eventCount };
    }

    /// <summary>Hands the verdicts to the parts.</summary>
    /// <exception cref="InvalidDataException">There is not one for each event.</exception>
    public void Take(BatchReceipt receipt)
    {
        if (receipt.Verdicts.Length != _eventCount)
            throw new InvalidDataException($"A batch of {_eventCount} events was answered with {receipt.Verdicts.Length} verdicts.");
        var first = 0;
        foreach (var part in _parts)
        {
            receipt.Verdicts.AsMemory(first, part.Head.EventCount).CopyTo(part.Verdicts);
            first += part.Head.EventCount;
        }
    }
}
