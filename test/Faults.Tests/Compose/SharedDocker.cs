using Divolte.TestKit.Processes;

namespace Divolte.Faults.Tests.Compose;

/// <summary>One Docker daemon for all tests of a class, so that images are built once. Started by the first test that asks.</summary>
public sealed class SharedDocker : IAsyncLifetime
{
    private DockerDaemon? _daemon;

    /// <summary>The daemon; where there can be none, the running test is skipped with the reason.</summary>
    public async Task<DockerDaemon> GetOrSkipAsync(CancellationToken cancellationToken) =>
        _daemon ??= await DockerDaemon.StartOrSkipAsync(cancellationToken);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _daemon?.DisposeAsync() ?? ValueTask.CompletedTask;
}
