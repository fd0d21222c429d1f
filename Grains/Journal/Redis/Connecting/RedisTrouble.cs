using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Connecting;

/// <summary>What an exception of the client means for the command that it ended: the only place that knows its kinds.</summary>
internal enum RedisTrouble
{
    /// <summary>The command was not carried out, and will not be: no connection, or the server refused it.</summary>
    NotDone,

    /// <summary>The server has no room for it; it was not carried out.</summary>
    Full,

    /// <summary>It may have been carried out, or may still be.</summary>
    Unknown,
}

/// <summary>Translates the client's exceptions.</summary>
internal static class RedisTroubles
{
    /// <summary>Answers of a server that has not begun with the command: not the primary, still loading, its disk is in trouble, too few replicas, no rights.</summary>
    private static readonly string[] Refusals =
        ["READONLY", "LOADING", "MISCONF", "NOREPLICAS", "MASTERDOWN", "CLUSTERDOWN", "NOAUTH", "WRONGPASS", "NOPERM", "BUSY", "NOSCRIPT", "MOVED", "ASK", "TRYAGAIN"];

    /// <summary>Whether an exception is the client's way to report trouble, and not a bug.</summary>
    public static bool IsTrouble(Exception exception) =>
        exception is RedisException or RedisTimeoutException or RedisCommandException or TimeoutException or ObjectDisposedException;

    /// <summary>What it means.</summary>
    public static RedisTrouble Of(Exception exception) => exception switch
    {
        RedisServerException server => OfAnswer(server.Message),
        RedisConnectionException { CommandStatus: CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog } => RedisTrouble.NotDone,
        RedisConnectionException { FailureType: ConnectionFailureType.UnableToConnect or ConnectionFailureType.UnableToResolvePhysicalConnection } => RedisTrouble.NotDone,
        RedisCommandException or ObjectDisposedException => RedisTrouble.NotDone,
        _ => RedisTrouble.Unknown,
    };

    /// <summary>One line for a log or a status, without what the client adds about itself.</summary>
    public static string Describe(Exception exception)
    {
        var message = (exception.InnerException is RedisException inner ? inner : exception).Message;
        var end = message.AsSpan().IndexOfAny("\r\n");
        message = end < 0 ? message : message[..end];
        return message.Length <= 200 ? message : message[..200] + "…";
    }

    private static RedisTrouble OfAnswer(string answer)
    {
        if (answer.StartsWith("OOM", StringComparison.Ordinal) || answer.Contains("-OOM", StringComparison.Ordinal))
            return RedisTrouble.Full;
        foreach (var refusal in Refusals)
        {
            if (answer.StartsWith(refusal, StringComparison.Ordinal) || answer.Contains("-" + refusal, StringComparison.Ordinal))
                return RedisTrouble.NotDone;
        }
        return RedisTrouble.Unknown;
    }
}
