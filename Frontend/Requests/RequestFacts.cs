using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Frontend.Requests;

/// <summary>What a frame holds of the request itself, whichever kind of source it came through.</summary>
internal readonly ref struct RequestFacts
{
    /// <summary>Name of the source as UTF-8.</summary>
    public required ReadOnlySpan<byte> Source { get; init; }

    /// <summary>When the request arrived, in milliseconds since 1970 UTC.</summary>
    public required long TimeMilliseconds { get; init; }

    /// <summary>Address of the client as text.</summary>
    public required ReadOnlySpan<byte> RemoteHost { get; init; }

    /// <summary>The whole request target as sent.</summary>
    public required ReadOnlySpan<char> RawTarget { get; init; }

    /// <summary>The query as sent.</summary>
    public required ReadOnlySpan<char> Query { get; init; }

    public required IRequestHeaders Headers { get; init; }

    public required RouteBy RouteBy { get; init; }
}
