using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Files;

/// <summary>One queue's way into the files of its writer.</summary>
internal sealed class FileSinkWriter(FileWriterHost host, JournalPosition? confirmed) : ISinkWriter
{
    public JournalPosition? Confirmed => confirmed;

    /// <summary>Set by the first failed batch: every later one fails too, so that nothing overtakes. Only the host's thread touches it.</summary>
    public string? Trouble { get; private set; }

    public void Fail(string reason) => Trouble = reason;

    public async ValueTask<Task<WriteReceipt>> WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        var outcome = new TaskCompletionSource<WriteReceipt>(TaskCreationOptions.RunContinuationsAsynchronously);
        // The batch's buffer is read on the host's thread, so the caller keeps it until the hand-over is done; there is no way to give up in between.
        if (!await host.RunAsync(writer => writer.Append(batch, this, outcome)))
            outcome.TrySetResult(WriteReceipt.TryLater("the sink is closed"));
        return outcome.Task;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken) => await host.RunAsync(static writer => writer.Flush());

    /// <summary>Outcomes that are still open come with the next sync; a new writer of this queue waits for them.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
