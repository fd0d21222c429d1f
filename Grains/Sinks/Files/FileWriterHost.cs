namespace Divolte.Grains.Sinks.Files;

/// <summary>A writer with its thread.</summary>
internal sealed class FileWriterHost : IDisposable
{
    private readonly FileWriter _writer;
    private readonly WriterThread _thread;

    public FileWriterHost(string threadName, FileWriter writer, TimeProvider time)
    {
        _writer = writer;
        _thread = new WriterThread(threadName, time, () => Run(writer.Tick));
    }

    /// <summary>Runs a step on the writer's thread.</summary>
    /// <returns>False when the writer is closed; the step did not run then.</returns>
    public Task<bool> RunAsync(Action<FileWriter> step)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isPosted = _thread.Post(() =>
        {
            try
            {
                Run(() => step(_writer));
                done.SetResult(true);
            }
            catch (Exception exception) // a bug, or an unreadable state: whoever asked for the step hears of it
            {
                done.SetException(exception);
            }
        });
        return isPosted ? done.Task : Task.FromResult(false);
    }

    /// <summary>Ends the thread and lets the file go, without a sync.</summary>
    public void Dispose()
    {
        _thread.Dispose();
        _writer.Dispose();
    }

    private void Run(Action step)
    {
        step();
        if (_writer.DueIn is { } due)
            _thread.WakeIn(due);
    }
}
