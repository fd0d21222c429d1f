using System.Buffers;
using System.Text;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;

namespace Divolte.Frontend.Requests;

/// <summary>Writes the parts of a frame that are the same for every kind of source.</summary>
internal static class FrameRequestParts
{
    /// <summary>Writes the three ids, two of them in canonical form, and the hashes over them.</summary>
    public static void WriteIdentity(
        ref EventFrameWriter frame,
        scoped DivolteIdentifier party,
        scoped DivolteIdentifier session,
        scoped ReadOnlySpan<byte> eventId,
        scoped in RequestFacts facts)
    {
        var partyLengthMax = party.CanonicalLengthMax;
        var total = partyLengthMax + session.CanonicalLengthMax;
        Span<byte> ids = total <= 1024 ? stackalloc byte[total] : new byte[total];
        var partyId = ids[..party.WriteCanonical(ids)];
        var sessionId = ids[partyLengthMax..];
        sessionId = sessionId[..session.WriteCanonical(sessionId)];

        frame.SetIdentity(EventKey.Of(partyId, sessionId, eventId), ShardHashOf(facts, partyId));
        frame.WriteSlot(FrameSlot.PartyId, partyId);
        frame.WriteSlot(FrameSlot.SessionId, sessionId);
        frame.WriteSlot(FrameSlot.EventId, eventId);
    }

    /// <summary>Writes the rest of the query: the pieces that went into no other slot, still encoded. Absent when there are none.</summary>
    /// <param name="writer">The frame.</param>
    /// <param name="parameters">The decoded query.</param>
    /// <param name="query">The same query as sent.</param>
    /// <param name="isUsed">One per parameter: whether another slot holds it.</param>
    public static void WriteOtherQuery(
        ref EventFrameWriter writer, QueryParameters parameters, scoped ReadOnlySpan<char> query, scoped ReadOnlySpan<bool> isUsed)
    {
        var others = isUsed.Count(false);
        if (others == 0)
            return;
        var text = ArrayPool<char>.Shared.Rent(query.Length);
        var length = 0;
        for (var index = 0; index < parameters.Count; index++)
        {
            if (isUsed[index])
                continue;
            if (length > 0)
                text[length++] = '&';
            var piece = query[parameters.PieceOf(index)];
            piece.CopyTo(text.AsSpan(length));
            length += piece.Length;
        }
        writer.WriteSlot(FrameSlot.OtherQuery, text.AsSpan(0, length));
        ArrayPool<char>.Shared.Return(text);
    }

    /// <summary>The hash by which a browser event is routed.</summary>
    private static uint ShardHashOf(scoped in RequestFacts facts, scoped ReadOnlySpan<byte> partyId)
    {
        if (facts.RouteBy == RouteBy.Party)
            return ShardMap.HashOf(partyId);
        var target = ArrayPool<byte>.Shared.Rent(facts.RawTarget.Length);
        var hash = ShardMap.HashOf(target.AsSpan(0, Encoding.Latin1.GetBytes(facts.RawTarget, target)));
        ArrayPool<byte>.Shared.Return(target);
        return hash;
    }
}
