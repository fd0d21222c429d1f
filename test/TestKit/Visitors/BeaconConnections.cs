namespace Divolte.TestKit.Visitors;

/// <summary>One visitor's connections to several servers; each beacon goes to one of them by chance, as behind a balancer that knows nothing.</summary>
/// <param name="portsNow">The servers' ports.</param>
/// <param name="answerTimeout">How long an answer may take.</param>
/// <param name="random">The visitor's chance.</param>
public sealed class BeaconConnections(Func<IReadOnlyList<int>> portsNow, TimeSpan answerTimeout, Random random) : IDisposable
{
    private readonly Dictionary<int, BeaconConnection> _connections = [];

    /// <inheritdoc cref="BeaconConnection.SendAsync"/>
    public Task<int?> SendAsync(Beacon beacon, CancellationToken cancellationToken)
    {
        var ports = portsNow();
        var port = ports.Count == 1 ? ports[0] : ports[random.Next(ports.Count)];
        if (!_connections.TryGetValue(port, out var connection))
            _connections[port] = connection = new BeaconConnection(port, answerTimeout);
        return connection.SendAsync(beacon, cancellationToken);
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Values)
            connection.Dispose();
    }
}
