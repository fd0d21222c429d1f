using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Divolte.Silo.Clustering;

/// <summary>Ports that nobody needs to know in advance.</summary>
internal static class FreePort
{
    /// <summary>
    /// A port that is free now, below the range from which systems hand out ports to whoever asks for any: so nobody takes it by chance before the silo does.
    /// </summary>
    public static int Find(IPAddress address)
    {
        const int first = 20_000, end = 32_000, triesMax = 50;
        for (var attempt = 1; ; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(first, end);
            using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(address, port));
                return port;
            }
            catch (SocketException) when (attempt < triesMax)
            {
                // Taken; another one then.
            }
        }
    }
}
