using Divolte.Frontend.Requests;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;

namespace Divolte.Frontend.Browser;

/// <summary>The query of a browser event, one letter per name, to a frame. Of a repeated parameter the first value counts.</summary>
internal static class BrowserEventQuery
{
    private const int LetterCount = 'z' - 'a' + 1;

    /// <summary>Writes the frame of a decoded query at the end of a buffer.</summary>
    /// <returns>Why there is no event, or <see cref="DropReason.None"/>; a wrong checksum only sets a flag.</returns>
    public static DropReason Write(FrameBuffer buffer, QueryParameters query, in RequestFacts facts)
    {
        Span<int> first = stackalloc int[LetterCount];
        Span<bool> isUsed = stackalloc bool[QueryParameters.CountMax];
        isUsed = isUsed[..query.Count];
        IndexByLetter(query, first, isUsed);

        var parameters = new Parameters(query, first);
        if (!parameters.Has('p') || !DivolteIdentifier.TryParse(parameters['p'], out var party))
            return DropReason.PartyId;
        if (!(parameters.Has('s') && parameters.Has('v') && parameters.Has('e') && parameters.Has('n') && parameters.Has('f') && parameters.Has('c')))
            return DropReason.Incomplete;
        if (!DivolteIdentifier.TryParse(parameters['s'], out var session))
            return DropReason.SessionId;
        if (!Base36.TryParse(parameters['c'], out long clientTime))
            return DropReason.ClientTime;

        var frame = new EventFrameWriter(buffer);
        frame.SetFlags(FlagsOf(query, parameters));
        frame.SetTimes(facts.TimeMilliseconds, clientTime);
        WriteNumbers(frame, parameters);
        frame.WriteSlot(FrameSlot.Source, facts.Source);
        FrameRequestParts.WriteIdentity(ref frame, party, session, parameters['e'], facts);
        WriteTexts(ref frame, parameters);
        frame.WriteSlot(FrameSlot.RemoteHost, facts.RemoteHost);
        FrameRequestParts.WriteOtherQuery(ref frame, query, facts.Query, isUsed);
        facts.Headers.WriteTo(ref frame);
        return frame.Complete() <= EventFrame.LengthMax ? DropReason.None : DropReason.TooLarge;
    }

    private static void IndexByLetter(QueryParameters query, Span<int> first, Span<bool> isUsed)
    {
        first.Fill(-1);
        isUsed.Clear();
        for (var index = 0; index < query.Count; index++)
        {
            var name = query.NameOf(index);
            if (name.Length != 1 || !IsKnown(name[0]))
                continue;
            ref var slot = ref first[name[0] - 'a'];
            if (slot >= 0)
                continue;
            slot = index;
            isUsed[index] = true;
        }
    }

    private static bool IsKnown(byte name) => "psvenfclrijkwhtux"u8.Contains(name);

    private static FrameFlags FlagsOf(QueryParameters query, in Parameters parameters) =>
        (BrowserEventChecksum.IsRight(query) ? FrameFlags.None : FrameFlags.Corrupt)
        | (parameters['n'] is [(byte)'t'] ? FrameFlags.NewParty : FrameFlags.None)
        | (parameters['f'] is [(byte)'t'] ? FrameFlags.FirstInSession : FrameFlags.None);

    private static void WriteNumbers(scoped in EventFrameWriter frame, scoped Parameters parameters)
    {
        WriteNumber(frame, FrameNumber.ScreenPixelWidth, parameters, 'i');
        WriteNumber(frame, FrameNumber.ScreenPixelHeight, parameters, 'j');
        WriteNumber(frame, FrameNumber.DevicePixelRatio, parameters, 'k');
        WriteNumber(frame, FrameNumber.ViewportPixelWidth, parameters, 'w');
        WriteNumber(frame, FrameNumber.ViewportPixelHeight, parameters, 'h');
    }

    private static void WriteNumber(scoped in EventFrameWriter frame, FrameNumber number, scoped Parameters parameters, char name)
    {
        // An absent one reads as empty text, which is no number either.
        if (Base36.TryParse(parameters[name], out int value))
            frame.SetNumber(number, value);
    }

    private static void WriteTexts(ref EventFrameWriter frame, scoped Parameters parameters)
    {
        frame.WriteSlot(FrameSlot.PageViewId, parameters['v']);
        WriteText(ref frame, FrameSlot.EventType, parameters, 't');
        WriteText(ref frame, FrameSlot.Location, parameters, 'l');
        WriteText(ref frame, FrameSlot.Referer, parameters, 'r');
        if (!parameters.Has('u'))
            return;
        frame.SetParametersFormat(ParametersFormat.Mincode);
        frame.WriteSlot(FrameSlot.Parameters, parameters['u']);
    }

    private static void WriteText(ref EventFrameWriter frame, FrameSlot slot, scoped Parameters parameters, char name)
    {
        if (parameters.Has(name))
            frame.WriteSlot(slot, parameters[name]);
    }

    /// <summary>The first value of each one-letter name; empty when absent.</summary>
    private readonly ref struct Parameters(QueryParameters query, ReadOnlySpan<int> first)
    {
        private readonly QueryParameters _query = query;
        private readonly ReadOnlySpan<int> _first = first;

        public bool Has(char name) => _first[name - 'a'] >= 0;

        public ReadOnlySpan<byte> this[char name] => Has(name) ? _query.ValueOf(_first[name - 'a']) : default;
    }
}
