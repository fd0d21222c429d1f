namespace Divolte.Grains.UserAgents;

/// <summary>The user agents that this process remembers, whatever form it keeps them in.</summary>
internal interface IRememberedUserAgents
{
    /// <summary>How many it can remember.</summary>
    int Capacity { get; }

    /// <summary>Calls back for each that was asked for since the last time: header, family, how often.</summary>
    void TakeUses(Action<byte[], string, int> use);

    /// <summary>Remembers one that another process has seen.</summary>
    void Remember(ReadOnlySpan<byte> header);
}
