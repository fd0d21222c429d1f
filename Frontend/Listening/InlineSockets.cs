namespace Divolte.Frontend.Listening;

/// <summary>
/// Lets the thread that learns of a socket's bytes also receive them, run the request and send the answer, instead of waking a thread of the pool for each of
/// these. That took some 2 µs off the 31 that a received event costs on two cores.
/// </summary>
/// <remarks>
/// The runtime has no setting for it but this variable of the environment, read at the first use of a socket. Only the public port makes full use of it, whose
/// handlers never block; other connections of the process hand over to the pool themselves.
/// </remarks>
internal static class InlineSockets
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Call before the first socket of the process. What the environment says already stays.</summary>
    public static void Enable()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
            Environment.SetEnvironmentVariable(Variable, "1");
    }
}
