using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks;
using Divolte.Grains.Streaming;
using Microsoft.Extensions.Logging;
using Orleans;

namespace Divolte.Grains.Operations;

/// <summary>Asks every shard and every queue of every sink, at most once a second. Who does not answer is left out of the shards, and named among the sinks.</summary>
internal sealed partial class GridStatusGrain(IJournal journal, SinkCatalog sinks, TimeProvider time, ILogger<GridStatusGrain> logger) : Grain, IGridStatusGrain
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    /// <summary>How long one may take to say how it is: those on a silo that hangs do not hold up what the others say until it is found dead.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    private GridStatus? _status;
    private long _askedAt;

    public async Task<GridStatus> GetAsync()
    {
        if (_status is { } fresh && time.GetElapsedTime(_askedAt) < Freshness)
            return fresh;
        _askedAt = time.GetTimestamp();
        var parameters = journal.Parameters;
        var asked = sinks.Active.SelectMany(sink => Enumerable.Range(0, parameters.Queues).Select(queue => AskSinkAsync(sink.Name, queue))).ToList();
        var shards = await Task.WhenAll(Enumerable.Range(0, parameters.Shards).Select(AskShardAsync));
        return _status = new GridStatus(await Task.WhenAll(asked), [.. shards.OfType<ShardStatus>()]);
    }

    public async Task<IReadOnlyList<RecordSample>> GetSamplesAsync()
    {
        var asked = sinks.Active.SelectMany(sink => Enumerable.Range(0, journal.Parameters.Queues).Select(queue => AskSampleAsync(sink.Name, queue))).ToList();
        return [.. (await Task.WhenAll(asked)).OfType<RecordSample>()];
    }

    private async Task<RecordSample?> AskSampleAsync(string sink, int queue)
    {
        try
        {
            return await GrainFactory.GetGrain<ISinkGrain>(JournalStream.KeyOf(sink, queue)).GetSampleAsync().WaitAsync(AnswerMax, time);
        }
        catch (Exception exception)
        {
            LogSinkSilent(sink, queue, exception);
            return null;
        }
    }

    private async Task<SinkStatus> AskSinkAsync(string sink, int queue)
    {
        try
        {
            return await GrainFactory.GetGrain<ISinkGrain>(JournalStream.KeyOf(sink, queue)).GetStatusAsync().WaitAsync(AnswerMax, time);
        }
        catch (Exception exception)
        {
            LogSinkSilent(sink, queue, exception);
            return new SinkStatus(sink, queue, SinkState.Paused, "it does not answer", 0, null, []);
        }
    }

    private async Task<ShardStatus?> AskShardAsync(int shard)
    {
        try
        {
            return await GrainFactory.GetGrain<IDeduplicationGrain>(shard).GetStatusAsync().WaitAsync(AnswerMax, time);
        }
        catch (Exception exception)
        {
            LogShardSilent(shard, exception);
            return null;
        }
    }

    [LoggerMessage(EventIds.SinkSilent, LogLevel.Debug, "Sink {Sink} does not answer for queue {Queue}")]
    private partial void LogSinkSilent(string sink, int queue, Exception exception);

    [LoggerMessage(EventIds.ShardSilent, LogLevel.Debug, "Shard {Shard} does not answer")]
    private partial void LogShardSilent(int shard, Exception exception);
}
