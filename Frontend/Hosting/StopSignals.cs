using System.Runtime.InteropServices;

namespace Divolte.Frontend.Hosting;

/// <summary>
/// SIGTERM, SIGINT, and SIGHUP of a terminal that closes (one that is ignored, as under <c>nohup</c>, stays so). The first asks for a stop and decides the
/// exit code; further ones are taken and change nothing.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource<int> _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];

    public StopSignals()
    {
        Register(PosixSignal.SIGTERM, 128 + 15);
        Register(PosixSignal.SIGINT, 128 + 2);
        Register(PosixSignal.SIGHUP, 128 + 1);
    }

    /// <summary>Ends with the exit code that the first signal asks for, as a shell would report it.</summary>
    public Task<int> Requested => _requested.Task;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Register(PosixSignal signal, int exitCode) =>
        _registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            _requested.TrySetResult(exitCode);
        }));
}
