using System.Net;
using System.Net.Sockets;

namespace Divolte.TestKit.Processes;

/// <summary>Ports for processes under test.</summary>
public static class FreePort
{
    /// <summary>A TCP port on loopback that nobody listens on at this moment.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
