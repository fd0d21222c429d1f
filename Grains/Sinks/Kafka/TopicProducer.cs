using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Schemas;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// A producer of one topic without transactions, with reports by batch. Every batch that was begun gets its outcome, at the latest when the producer is closed.
/// Makes no object for a message. Thread-safe.
/// </summary>
internal sealed class TopicProducer : IAsyncDisposable, IDisposable
{
    private const string Closed = "the producer is closed";
    private const int FlushMilliseconds = 5_000;
    private const int ReportsMilliseconds = 1_000;
    private const int PollMilliseconds = 100;
    private const int LevelError = 3; // of syslog

    private static readonly Error NoError = new(ErrorCode.NoError);

    private readonly ConcurrentDictionary<uint, BatchDelivery> _underWay = new();
    private readonly Action<string, string> _log;
    private readonly GCHandle _self;
    private readonly nint _producer;
    private readonly nint _topic;
    private readonly Thread _reports;
    private uint _batches;
    private BatchDelivery? _lastReported;
    private volatile string? _fatal;
    private volatile bool _isBatchTooLarge;
    private volatile bool _isClosing;
    private volatile bool _isFlushed;
    private int _calls;

    /// <param name="topic">The topic.</param>
    /// <param name="settings">What the client is given.</param>
    /// <param name="log">Takes the client's own warnings: name of the client, text.</param>
    /// <param name="batchBytesMax">See <see cref="BatchBytesMax"/>.</param>
    /// <exception cref="KafkaException">The properties, or the topic's name, are refused by the client.</exception>
    public unsafe TopicProducer(string topic, KafkaProducerSettings settings, Action<string, string> log, int? batchBytesMax = null)
    {
        BatchBytesMax = batchBytesMax;
        _log = log;
        _self = GCHandle.Alloc(this);
        try
        {
            _producer = Librdkafka.NewProducer(settings.With(batchBytesMax), &OnReport, &OnError, &OnLog, GCHandle.ToIntPtr(_self));
            _topic = Librdkafka.NewTopic(_producer, topic, 0);
            if (_topic == 0)
                throw new KafkaException((ErrorCode)Librdkafka.LastError());
        }
        catch
        {
            if (_producer != 0)
                Librdkafka.DestroyProducer(_producer);
            _self.Free();
            throw;
        }
        _reports = new Thread(TakeReports) { Name = $"kafka {topic}", IsBackground = true };
        _reports.Start();
    }

    /// <summary>Bytes up to which records share a batch, because a larger one was too large for the topic; null while none was.</summary>
    public int? BatchBytesMax { get; }

    /// <summary>Why this producer will never send again; null while it may.</summary>
    public string? Fatal => _fatal;

    /// <summary>Whether a batch was too large for the topic, so that another producer with a lower <see cref="BatchBytesMax"/> is needed.</summary>
    public bool IsBatchTooLarge => _isBatchTooLarge;

    /// <summary>Records whose outcome is still to come.</summary>
    public long Queued => _underWay.Values.Sum(delivery => (long)delivery.Missing);

    /// <summary>Begins a batch of so many records.</summary>
    public BatchDelivery Begin(int records)
    {
        // Numbers come again after four billion batches, of which none is under way for so long.
        var delivery = new BatchDelivery(records, ended => _underWay.TryRemove(ended.Number, out _)) { Number = Interlocked.Increment(ref _batches) };
        _underWay[delivery.Number] = delivery;
        if (_isClosing)
            delivery.Abandon(Closed);
        return delivery;
    }

    /// <summary>Hands records of a batch over, as copies, until the client does not take one; their reports go to the delivery.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="next">Index of the first.</param>
    /// <param name="mode">What stands in front of the values.</param>
    /// <param name="delivery">Of this batch.</param>
    /// <param name="error">Why the client did not take the record that is returned; that is reported to nobody.</param>
    /// <returns>Index of the first that was not taken.</returns>
    /// <exception cref="InvalidOperationException">The mode needs a schema identifier and the mapping has none, which the configuration's rules exclude.</exception>
    public int Produce(RecordBatch batch, int next, KafkaMode mode, BatchDelivery delivery, out Error error)
    {
        // A call into a client that is gone ends the process, and the client itself does not watch for it.
        Interlocked.Increment(ref _calls);
        try
        {
            error = _isClosing ? new Error(ErrorCode.Local_Destroy, Closed) : NoError;
            return _isClosing ? next : HandOver(batch, next, mode, delivery, ref error);
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    /// <summary>Closes as <see cref="Dispose"/> does, without blocking the caller.</summary>
    public async ValueTask DisposeAsync() => await Task.Factory.StartNew(Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Gives what was handed over a moment to arrive, then closes. Blocks for some seconds when the broker is away.</summary>
    public void Dispose()
    {
        if (_isClosing)
            return;
        _isClosing = true;
        Interlocked.MemoryBarrier(); // whoever enters from here on sees it, and whoever entered before is counted
        SpinWait.SpinUntil(() => Volatile.Read(ref _calls) == 0);
        // Whatever does not arrive has no confirmation, so it is written again. After a fatal error the client fails what it holds; those reports are all that
        // is waited for.
        _ = Librdkafka.Flush(_producer, _fatal is null ? FlushMilliseconds : ReportsMilliseconds);
        _isFlushed = true;
        _reports.Join();
        Librdkafka.DestroyTopic(_topic);
        Librdkafka.DestroyProducer(_producer);
        _self.Free();
        foreach (var delivery in _underWay.Values)
            delivery.Abandon("the producer was closed before the broker had confirmed");
    }

    private unsafe int HandOver(RecordBatch batch, int next, KafkaMode mode, BatchDelivery delivery, ref Error error)
    {
        const int count = 6;
        var parts = stackalloc Librdkafka.Part[count];
        parts[0] = Librdkafka.Part.Topic(_topic);
        parts[1] = Librdkafka.Part.Copied();
        byte[] framed = [];
        fixed (byte* buffer = &MemoryMarshal.GetReference(batch.Buffer.Written))
        {
            for (; next < batch.Records.Count; next++)
            {
                var record = batch.Records[next];
                parts[2] = Librdkafka.Part.Key(buffer + record.KeyOffset, record.KeyLength);
                parts[3] = Librdkafka.Part.Timestamp(record.Timestamp);
                parts[4] = Librdkafka.Part.Tag(((ulong)delivery.Number << 32) | (uint)next);
                nint failure;
                if (mode == KafkaMode.Naked)
                {
                    parts[5] = Librdkafka.Part.Value(buffer + record.ValueOffset, record.ValueLength);
                    failure = Librdkafka.Produce(_producer, parts, count);
                }
                else
                {
                    var length = ConfluentFraming.Length + record.ValueLength;
                    if (framed.Length < length)
                        framed = new byte[2 * length];
                    ConfluentFraming.Frame(KafkaMessages.SchemaOf(record), batch.ValueOf(record), framed);
                    fixed (byte* value = framed)
                    {
                        parts[5] = Librdkafka.Part.Value(value, length);
                        failure = Librdkafka.Produce(_producer, parts, count);
                    }
                }
                if (failure == 0)
                    continue;
                error = Librdkafka.Take(failure);
                break;
            }
        }
        return next;
    }

    private void TakeReports()
    {
        while (!_isFlushed)
            _ = Librdkafka.Poll(_producer, PollMilliseconds);
    }

    private void Report(in Librdkafka.Message message)
    {
        var number = (uint)(message.Tag >> 32);
        var delivery = _lastReported; // most reports are of the batch of the last one
        if (delivery?.Number != number)
        {
            if (!_underWay.TryGetValue(number, out delivery))
                return; // its outcome is known without this
            _lastReported = delivery;
        }
        if (message.Error == (int)ErrorCode.NoError)
        {
            delivery!.ReportWritten();
            return;
        }
        var error = new Error((ErrorCode)message.Error);
        // A record that is larger than the limit travels alone, so the broker means it and no other.
        var isOfTheBatch = KafkaErrors.IsAboutTheBatch(error.Code) && !((long)(message.KeyLength + message.ValueLength) > BatchBytesMax);
        if (isOfTheBatch)
            _isBatchTooLarge = true;
        delivery!.Report((int)(uint)message.Tag, isOfTheBatch ? WriteStatus.TryLater : KafkaErrors.StatusOf(error), error.Reason);
    }

    private static TopicProducer Of(nint context) => (TopicProducer)GCHandle.FromIntPtr(context).Target!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void OnReport(nint client, Librdkafka.Message* message, nint context) => Of(context).Report(in *message);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void OnError(nint client, int code, byte* reason, nint context)
    {
        var producer = Of(context);
        var text = Librdkafka.TextOf(reason);
        if (code == (int)ErrorCode.Local_Fatal)
            producer._fatal = text = Librdkafka.FatalOf(client);
        producer.Log(client, text);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void OnLog(nint client, int level, byte* facility, byte* text)
    {
        if (level <= LevelError && client != 0) // what is said of a configuration alone has no client
            Of(Librdkafka.ContextOf(client)).Log(client, Librdkafka.TextOf(text));
    }

    private unsafe void Log(nint client, string text)
    {
        try
        {
            _log(Librdkafka.TextOf(Librdkafka.NameOf(client)), text);
        }
        catch (Exception)
        {
            // No exception may reach the client, and a log that takes nothing has nobody to tell.
        }
    }
}
