using Divolte.Frontend.Requests;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;

namespace Divolte.Frontend.Json;

/// <summary>Query and body of a JSON event to a frame.</summary>
internal static class JsonEventFrame
{
    [ThreadStatic]
    private static JsonEventBody? t_body;

    /// <summary>Writes the frame at the end of a buffer.</summary>
    /// <param name="buffer">Where to write.</param>
    /// <param name="query">The decoded query; it carries the party id.</param>
    /// <param name="partyIdParameter">Name of the parameter that does.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="facts">The request itself.</param>
    /// <returns>Why there is no event, or <see cref="DropReason.None"/>.</returns>
    public static DropReason Write(
        FrameBuffer buffer, QueryParameters query, ReadOnlySpan<byte> partyIdParameter, ReadOnlySpan<byte> body, in RequestFacts facts)
    {
        var partyIndex = query.IndexOf(partyIdParameter);
        if (partyIndex < 0 || !DivolteIdentifier.TryParse(query.ValueOf(partyIndex), out var party))
            return DropReason.PartyId;
        var content = t_body ??= new JsonEventBody();
        var dropped = content.Read(body);
        if (dropped != DropReason.None)
            return dropped;
        if (!DivolteIdentifier.TryParse(content.SessionId, out var session))
            return DropReason.SessionId;
        if (!IsoTimestamp.TryParse(content.ClientTime, out var clientTime))
            return DropReason.ClientTime;

        var frame = new EventFrameWriter(buffer);
        frame.SetFlags(content.Flags | FrameFlags.Json);
        frame.SetTimes(facts.TimeMilliseconds, clientTime);
        frame.SetParametersFormat(ParametersFormat.Json);
        frame.WriteSlot(FrameSlot.Source, facts.Source);
        FrameRequestParts.WriteIdentity(ref frame, party, session, content.EventId, facts);
        if (content.HasEventType)
            frame.WriteSlot(FrameSlot.EventType, content.EventType);
        frame.WriteSlot(FrameSlot.Parameters, content.Parameters);
        frame.WriteSlot(FrameSlot.RemoteHost, facts.RemoteHost);
        WriteOtherQuery(ref frame, query, partyIndex, facts);
        facts.Headers.WriteTo(ref frame);
        return frame.Complete() <= EventFrame.LengthMax ? DropReason.None : DropReason.TooLarge;
    }

    private static void WriteOtherQuery(ref EventFrameWriter frame, QueryParameters query, int partyIndex, scoped in RequestFacts facts)
    {
        Span<bool> isUsed = stackalloc bool[QueryParameters.CountMax];
        isUsed = isUsed[..query.Count];
        isUsed.Clear();
        isUsed[partyIndex] = true;
        FrameRequestParts.WriteOtherQuery(ref frame, query, facts.Query, isUsed);
    }
}
