using Divolte.Grains.Interfaces.Operations;

namespace Divolte.Grains.Sinks.Sampling;

/// <summary>
/// Keeps a copy of one record a second while somebody asks for it, and costs a comparison per batch while nobody does. Written by the worker, read by its
/// grain.
/// </summary>
internal sealed class RecordSampler(string sink, TimeProvider time)
{
    /// <summary>How long asking lasts: viewers ask every second.</summary>
    internal static readonly TimeSpan Interest = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long _askedAt;
    private long _sampledAt;
    private volatile bool _isWanted;
    private RecordSample? _latest;

    /// <summary>The latest sample, and a wish for the next ones.</summary>
    public RecordSample? Ask()
    {
        lock (_lock)
        {
            _askedAt = time.GetTimestamp();
            if (!_isWanted)
            {
                _latest = null; // of an earlier viewer
                _sampledAt = 0;
                _isWanted = true;
            }
            return _latest;
        }
    }

    /// <summary>Looks at a batch that was just mapped.</summary>
    public void Look(RecordBatch batch)
    {
        if (!_isWanted || batch.Records.Count == 0)
            return;
        lock (_lock)
        {
            if (time.GetElapsedTime(_askedAt) > Interest)
            {
                _isWanted = false;
                _latest = null;
                return;
            }
            if (_latest is not null && time.GetElapsedTime(_sampledAt) < Period)
                return;
            var record = batch.Records[batch.Records.Count - 1];
            _sampledAt = time.GetTimestamp();
            _latest = new RecordSample(
                sink, record.Schema.Mapping, record.Schema.Json, batch.ValueOf(record).ToArray(), DateTimeOffset.FromUnixTimeMilliseconds(record.Timestamp));
        }
    }
}
