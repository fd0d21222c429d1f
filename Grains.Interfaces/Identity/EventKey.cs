using System.IO.Hashing;

namespace Divolte.Grains.Interfaces.Identity;

/// <summary>
/// What "the same event" means: canonical party id, canonical session id and event id, one after another without separator, as upstream has it;
/// hashed once at the edge. Two different events share a key with probability 2^-64: one false duplicate per event and 1.8e19 live events.
/// </summary>
public static class EventKey
{
    /// <summary>The 64-bit key. Zero is never returned, so that a memory may use it for "empty".</summary>
    public static ulong Of(ReadOnlySpan<byte> partyId, ReadOnlySpan<byte> sessionId, ReadOnlySpan<byte> eventId)
    {
        var length = partyId.Length + sessionId.Length + eventId.Length;
        Span<byte> text = length <= 512 ? stackalloc byte[length] : new byte[length];
        partyId.CopyTo(text);
        sessionId.CopyTo(text[partyId.Length..]);
        eventId.CopyTo(text[(partyId.Length + sessionId.Length)..]);
        var key = XxHash3.HashToUInt64(text);
        return key == 0 ? 1 : key;
    }
}
