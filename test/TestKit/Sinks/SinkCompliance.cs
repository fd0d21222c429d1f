using System.Text;
using Divolte.Grains.Journal;
using Divolte.Grains.Schemas;
using Divolte.Grains.Sinks;
using Xunit;

namespace Divolte.TestKit.Sinks;

/// <summary>What every sink promises, whatever its destination. A new sink inherits this suite and says how to reach its destination.</summary>
public abstract class SinkCompliance : IAsyncLifetime
{
    /// <summary>A record with one string, the id of the event.</summary>
    internal static readonly MappingSchema Schema = new(
        "compliance",
        """{"type":"record","name":"Event","fields":[{"name":"id","type":"string"}]}""",
        ConfluentId: null);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private long _offset;

    /// <summary>A sink over the test's destination: the same one at every call, as after a restart of the process.</summary>
    internal abstract ISink CreateSink();

    /// <summary>The ids in the destination, as a consumer sees them after everything was flushed and closed, in order within each queue.</summary>
    internal abstract Task<IReadOnlyList<string>> ReadIdsAsync();

    /// <summary>Makes the destination unreachable; false when the destination of this sink cannot be.</summary>
    internal virtual bool BreakDestination() => false;

    internal virtual void HealDestination()
    {
    }

    /// <summary>Ends a writer as a crash would: nothing is flushed, but handles are free again.</summary>
    internal abstract ValueTask CrashAsync(ISink sink, ISinkWriter writer);

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task FlushedBatches_AreWrittenInOrder()
    {
        await using (var sink = CreateSink())
        await using (var writer = await sink.OpenAsync(0, Token))
        {
            var first = await WriteAsync(writer, 0, "a", "b");
            var second = await WriteAsync(writer, 0, "c");
            await writer.FlushAsync(Token);

            Assert.Equal(WriteStatus.Written, (await first.WaitAsync(Patience, Token)).Status);
            Assert.Equal(WriteStatus.Written, (await second.WaitAsync(Patience, Token)).Status);
        }

        Assert.Equal(["a", "b", "c"], await ReadIdsAsync());
    }

    [Fact]
    public async Task EmptyBatch_IsWritten()
    {
        await using var sink = CreateSink();
        await using var writer = await sink.OpenAsync(0, Token);

        var receipt = await WriteAsync(writer, 0);
        await writer.FlushAsync(Token);

        Assert.Equal(WriteStatus.Written, (await receipt.WaitAsync(Patience, Token)).Status);
    }

    [Fact]
    public async Task ConfirmedBeforeACrash_IsThereOnceAfterIt()
    {
        var before = CreateSink();
        var writer = await before.OpenAsync(0, Token);
        var batch = Batch(0, "a", "b");
        var confirmed = batch.Position;
        var receipt = await writer.WriteAsync(batch, Token);
        await writer.FlushAsync(Token);
        Assert.Equal(WriteStatus.Written, (await receipt.WaitAsync(Patience, Token)).Status);
        await CrashAsync(before, writer);

        await using (var after = CreateSink())
        await using (var reopened = await after.OpenAsync(0, Token))
        {
            // A destination that keeps positions must know of everything that it has confirmed.
            Assert.True(reopened.Confirmed is null || reopened.Confirmed.Value.Offset >= confirmed.Offset);
            var next = await WriteAsync(reopened, 0, "c");
            await reopened.FlushAsync(Token);
            Assert.Equal(WriteStatus.Written, (await next.WaitAsync(Patience, Token)).Status);
        }

        Assert.Equal(["a", "b", "c"], await ReadIdsAsync());
    }

    [Fact]
    public async Task Queues_DoNotDisturbEachOther()
    {
        await using (var sink = CreateSink())
        await using (var zero = await sink.OpenAsync(0, Token))
        await using (var one = await sink.OpenAsync(1, Token))
        {
            var first = await WriteAsync(zero, 0, "zero-1");
            var second = await WriteAsync(one, 1, "one-1");
            var third = await WriteAsync(zero, 0, "zero-2");
            await zero.FlushAsync(Token);
            await one.FlushAsync(Token);
            await Task.WhenAll(first, second, third).WaitAsync(Patience, Token);
        }

        var ids = await ReadIdsAsync();
        Assert.Equal(["zero-1", "zero-2"], ids.Where(id => id.StartsWith("zero", StringComparison.Ordinal)));
        Assert.Equal(["one-1"], ids.Where(id => id.StartsWith("one", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task DestinationAway_IsTriedLaterAndThenInOrder()
    {
        await using (var sink = CreateSink())
        {
            if (!BreakDestination())
                Assert.Skip("This destination is always there.");
            RecordBatch[] batches = [Batch(0, "a"), Batch(0, "b")];
            Assert.Equal(WriteStatus.TryLater, await TryWriteAllAsync(sink, batches));

            HealDestination();
            Assert.Equal(WriteStatus.Written, await TryWriteAllAsync(sink, batches));
        }

        Assert.Equal(["a", "b"], (await ReadIdsAsync()).Distinct());
    }

    [Fact]
    public async Task DisposedWriter_LeavesTheSinkUsable()
    {
        await using (var sink = CreateSink())
        {
            var first = await sink.OpenAsync(0, Token);
            var receipt = await WriteAsync(first, 0, "a");
            await first.FlushAsync(Token);
            await receipt.WaitAsync(Patience, Token);
            await first.DisposeAsync();

            await using var second = await sink.OpenAsync(0, Token);
            receipt = await WriteAsync(second, 0, "b");
            await second.FlushAsync(Token);
            await receipt.WaitAsync(Patience, Token);
        }

        Assert.Equal(["a", "b"], await ReadIdsAsync());
    }

    internal static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A batch of records with these ids, behind all batches before it.</summary>
    internal RecordBatch Batch(int queue, params string[] ids)
    {
        var batch = new RecordBatch { Queue = queue, Position = new JournalPosition(1, ++_offset) };
        foreach (var id in ids)
        {
            var value = EncodeId(id);
            var valueOffset = batch.Buffer.Length;
            value.CopyTo(batch.Buffer.Append(value.Length));
            var keyOffset = batch.Buffer.Length;
            "0:party"u8.CopyTo(batch.Buffer.Append(7));
            batch.Add(new MappedRecord(Schema, 1_700_000_000_000, valueOffset, value.Length, keyOffset, 7));
        }
        return batch;
    }

    /// <summary>The Avro binary of a record with this id.</summary>
    internal static byte[] EncodeId(string id)
    {
        var text = Encoding.UTF8.GetBytes(id);
        return text.Length < 64 ? [(byte)(text.Length * 2), .. text] : throw new ArgumentException("Ids of tests are short.", nameof(id));
    }

    /// <summary>The id in the Avro binary of a record.</summary>
    internal static string DecodeId(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value[1..(1 + value[0] / 2)]);

    internal async Task<Task<WriteReceipt>> WriteAsync(ISinkWriter writer, int queue, params string[] ids) =>
        await writer.WriteAsync(Batch(queue, ids), Token);

    /// <summary>What became of the batches; a destination that cannot even be opened is one to try later.</summary>
    private static async Task<WriteStatus> TryWriteAllAsync(ISink sink, RecordBatch[] batches)
    {
        try
        {
            await using var writer = await sink.OpenAsync(0, Token);
            var receipts = new List<Task<WriteReceipt>>();
            foreach (var batch in batches)
                receipts.Add(await writer.WriteAsync(batch, Token));
            await writer.FlushAsync(Token);
            var outcomes = await Task.WhenAll(receipts).WaitAsync(Patience, Token);
            return outcomes.Max(outcome => outcome.Status);
        }
        catch (SinkUnavailableException)
        {
            return WriteStatus.TryLater;
        }
    }
}
