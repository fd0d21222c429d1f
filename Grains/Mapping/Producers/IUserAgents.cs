using Divolte.Grains.Interfaces.Events;
namespace Divolte.Grains.Mapping.Producers;

/// <summary>What a user agent is, as UTF-8; every text is present, and empty or <c>unknown</c> when nothing is known.</summary>
internal sealed record UserAgentTexts(
    byte[] Name, byte[] Family, byte[] Vendor, byte[] Type, byte[] Version, byte[] DeviceCategory, byte[] OsFamily, byte[] OsVersion, byte[] OsVendor);

/// <summary>Tells what a user agent is. Called for every event that a mapping asks about, from several threads: it caches for itself.</summary>
internal interface IUserAgents
{
    /// <summary>What the header text (UTF-8) says; null when no engine is there to tell.</summary>
    UserAgentTexts? Find(ReadOnlySpan<byte> header);

    /// <summary>Gets ready on a thread of its own, at start, because a mapping is going to ask.</summary>
    void Prepare()
    {
    }

    /// <summary>The same, and what other headers of the request add to it.</summary>
    UserAgentTexts? Find(ReadOnlySpan<byte> header, FrameHeaders headers) => Find(header);
}

/// <summary>Without an engine nothing is known.</summary>
internal sealed class NoUserAgents : IUserAgents
{
    public static readonly NoUserAgents Instance = new();

    public UserAgentTexts? Find(ReadOnlySpan<byte> header) => null;
}
