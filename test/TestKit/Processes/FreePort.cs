using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

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

    /// <summary>
    /// A port that stays free while nobody listens on it, for a process that is started again: below the range from which systems hand out ports to whoever
    /// asks for any.
    /// </summary>
    public static int Lasting()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken; another one then.
            }
        }
    }
}
