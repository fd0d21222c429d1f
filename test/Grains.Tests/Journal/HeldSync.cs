using Divolte.TestKit.Journal;

namespace Divolte.Grains.Tests.Journal;

/// <summary>Holds up the next sync of a file until it is released, so that a test can look at a write that is under way.</summary>
internal sealed class HeldSync : IDisposable
{
    private readonly ManualResetEventSlim _released = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PowerCutFiles _files;

    public HeldSync(PowerCutFiles files)
    {
        _files = files;
        files.Syncing = () =>
        {
            files.Syncing = null;
            _entered.SetResult();
            _released.Wait();
        };
    }

    /// <summary>Completes when the writer is in the sync.</summary>
    public Task Entered => _entered.Task;

    public void Dispose()
    {
        _files.Syncing = null;
        _released.Set();
    }
}
