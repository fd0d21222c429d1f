using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Unwritten;
using Divolte.Grains.Streaming;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks;

/// <content>The way of a batch through one writer: mapped, handed over, confirmed, settled.</content>
internal sealed partial class SinkWorker
{
    /// <summary>Above this, whoever holds confirmations back for larger batches is asked to give them now: the reader waits for room.</summary>
    private const long PressureBytes = JournalWindows.BytesMax / 2;

    /// <summary>Batches that are mapped and not settled, oldest first: what is written again after trouble. Bounded by the inbox.</summary>
    private readonly LinkedList<MappedBatch> _pending = new();

    /// <param name="writer">The writer.</param>
    /// <param name="confirmed">Offset up to which the destination has everything already.</param>
    /// <returns>Why the rest is to be tried later; null when everything taken is settled and the worker stops.</returns>
    private async Task<string?> WriteOnAsync(ISinkWriter writer, long confirmed)
    {
        var underWay = new Queue<(MappedBatch Batch, Task<WriteReceipt> Outcome)>();
        (MappedBatch Batch, Task<Task<WriteReceipt>> Taken)? handOver = null;
        var next = _pending.First;
        Task? flush = null;
        var isFlushed = true;
        try
        {
            while (true)
            {
                if (underWay.TryPeek(out var oldest) && oldest.Outcome.IsCompleted)
                {
                    var receipt = await oldest.Outcome;
                    BatchActivities.TellWrite(
                        Sink, _queue, oldest.Batch.Records.Records.Count, oldest.Batch.HandedOverAt, receipt.Status == WriteStatus.TryLater ? receipt.Reason : null);
                    if (receipt.Status == WriteStatus.TryLater)
                        return receipt.Reason;
                    underWay.Dequeue();
                    await SettleAsync(oldest.Batch, receipt);
                    Resume();
                }
                else if (_progress.DueIn is { } due && due <= TimeSpan.Zero)
                {
                    // Before more work, of which a sink that catches up never runs out: what is not stored comes again after a crash.
                    await _progress.SaveAsync(_abort.Token);
                }
                else if (handOver is { Taken.IsCompleted: true } taken)
                {
                    handOver = null;
                    underWay.Enqueue((taken.Batch, await taken.Taken));
                    isFlushed = false;
                }
                else if (handOver is null && (next ??= MapNext(confirmed)) is { } node)
                {
                    next = node.Next;
                    if (node.Value.Position.Offset <= confirmed)
                        await SettleAsync(node.Value, WriteReceipt.AllWritten);
                    else
                        handOver = HandOver(writer, node.Value);
                }
                else if (flush is { IsCompleted: true })
                {
                    await flush;
                    flush = null;
                }
                else if (!isFlushed && flush is null && handOver is null && (IsStopping || _inbox.UnconfirmedBytes >= PressureBytes))
                {
                    isFlushed = true;
                    flush = writer.FlushAsync(_abort.Token).AsTask();
                }
                else if (IsStopping && handOver is null && flush is null && underWay.Count == 0)
                {
                    return null;
                }
                else
                {
                    await WaitAsync(handOver?.Taken, flush, underWay.Count > 0 ? underWay.Peek().Outcome : null);
                }
            }
        }
        finally
        {
            await LeaveAsync(handOver?.Taken, [.. underWay.Select(batch => batch.Outcome), .. flush is null ? Array.Empty<Task>() : [flush]]);
        }
    }

    private (MappedBatch Batch, Task<Task<WriteReceipt>> Taken) HandOver(ISinkWriter writer, MappedBatch batch)
    {
        batch.HandedOverAt = _services.Time.GetUtcNow();
        return (batch, writer.WriteAsync(batch.Records, _abort.Token).AsTask());
    }

    /// <summary>
    /// The next batch out of the inbox, behind all others; null when there is nothing to map. What the destination has already is mapped too, because it
    /// counts, but makes batches of its own.
    /// </summary>
    private LinkedListNode<MappedBatch>? MapNext(long confirmed)
    {
        if (!_inbox.TryTake(out var entry))
            return null;
        var isConfirmed = entry.Position.Offset <= confirmed;
        var batch = _mapper.Begin();
        try
        {
            _mapper.Add(batch, entry);
            while (!batch.IsFull && _inbox.TryPeek(out var following) && following.Position.Offset <= confirmed == isConfirmed && _inbox.TryTake(out entry))
                _mapper.Add(batch, entry);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
        Sampler.Look(batch.Records);
        return _pending.AddLast(batch);
    }

    /// <summary>A batch has its outcome, and all before it have theirs: keep what could not be written, then move the progress.</summary>
    private async Task SettleAsync(MappedBatch batch, WriteReceipt receipt)
    {
        if (batch.Unmappable.Count + receipt.Refused.Count > 0)
            await KeepAsync([.. batch.Unmappable, .. receipt.Refused.Select(refused => LetterOf(batch, refused))]);
        foreach (var refused in receipt.Refused)
            batch.Tally.Refuse(batch.Origins[refused.Index].Mapping);
        _progress.Move(batch.Position, batch.Tally);
        _pending.RemoveFirst();
        _inbox.Release(batch.JournalBytes);
        Count(batch.Tally);
        batch.Dispose();
        _services.Confirmed(Sink, _queue, _progress.Position);
    }

    private void Count(BatchTally tally)
    {
        foreach (var (mapping, records) in tally.Written)
            _services.Metrics.CountWritten(Sink, mapping, records);
        foreach (var (mapping, reason, events) in tally.Ended)
            _services.Metrics.CountEnded(Sink, mapping, reason, events);
    }

    private DeadLetter LetterOf(MappedBatch batch, RefusedRecord refused)
    {
        var origin = batch.Origins[refused.Index];
        var mapping = batch.Records.Records[refused.Index].Schema.Mapping;
        return new DeadLetter(
            _services.Time.GetUtcNow(), Sink, mapping, DropReason.Refused, refused.Reason, _queue, origin.Position, origin.Index, origin.Frame);
    }

    /// <summary>Keeps dead letters, for as long as it takes: the records around them are written already, so going back is worse than waiting.</summary>
    private async Task KeepAsync(List<DeadLetter> letters)
    {
        while (true)
        {
            try
            {
                await _services.DeadLetters(Sink).KeepAsync(letters, _abort.Token);
                return;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                await PauseAsync($"its dead letters cannot be written: {exception.Message}");
                _abort.Token.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Until something can go on.</summary>
    private async Task WaitAsync(params Task?[] underWay)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_abort.Token);
        var waits = underWay.OfType<Task>().ToList();
        if (!IsStopping)
        {
            waits.Add(_stopping.Task);
            if (underWay[0] is null) // nothing is being handed over: the next batch can be mapped
                waits.Add(_inbox.Readable);
        }
        waits.Add(Task.Delay(_progress.DueIn ?? Timeout.InfiniteTimeSpan, _services.Time, end.Token));
        await Task.WhenAny(waits);
        await end.CancelAsync();
        _abort.Token.ThrowIfCancellationRequested();
    }

    /// <summary>Every outcome must be in before the next writer starts, or an old record could overtake a new one.</summary>
    private async Task LeaveAsync(Task<Task<WriteReceipt>>? handOver, List<Task> outcomes)
    {
        try
        {
            if (handOver is not null)
                outcomes.Add(await handOver.WaitAsync(_abort.Token));
            await Task.WhenAll(outcomes).WaitAsync(_abort.Token);
        }
        catch (Exception exception)
        {
            if (!_abort.IsCancellationRequested)
                LogOutcomeMissing(Sink, _queue, exception);
        }
    }

    [LoggerMessage(EventIds.SinkOutcomeMissing, LogLevel.Debug, "An outcome of sink {Sink} in queue {Queue} did not come; its batch is written again")]
    private partial void LogOutcomeMissing(string sink, int queue, Exception exception);
}
