using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Divolte.TestKit.Processes;

/// <summary>Ports for processes under test.</summary>
public static class FreePort
{
    private static readonly HashSet<int> Given = [];

    /// <summary>
    /// A TCP port on loopback that nobody listens on at this moment, and that was not given out before: whoever got one may take seconds to listen on it.
    /// </summary>
    public static int Next()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            lock (Given)
            {
                if (Given.Add(port))
                    return port;
            }
        }
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
