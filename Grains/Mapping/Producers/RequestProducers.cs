using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping.Headers;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary>What the frame holds as it is: ids, timestamps, flags, sizes, address.</summary>
internal static class RequestProducers
{
    /// <summary>The producer that a script calls by this name without arguments; null when there is none.</summary>
    public static ValueProducer? Find(string name) => name switch
    {
        "location" => new SlotProducer(name, FrameSlot.Location),
        "referer" => new SlotProducer(name, FrameSlot.Referer),
        "remoteHost" => new SlotProducer(name, FrameSlot.RemoteHost),
        "partyId" => new SlotProducer(name, FrameSlot.PartyId),
        "sessionId" => new SlotProducer(name, FrameSlot.SessionId),
        "pageViewId" => new SlotProducer(name, FrameSlot.PageViewId),
        "eventId" => new SlotProducer(name, FrameSlot.EventId),
        "eventType" => new SlotProducer(name, FrameSlot.EventType),
        "userAgentString" => new UserAgentStringProducer(),
        "firstInSession" => new FlagProducer(name, FrameFlags.FirstInSession),
        "corrupt" => new FlagProducer(name, FrameFlags.Corrupt),
        "duplicate" => new FlagProducer(name, FrameFlags.Duplicate),
        "timestamp" => new TimestampProducer(name, isClientTime: false),
        "clientTimestamp" => new TimestampProducer(name, isClientTime: true),
        "viewportPixelWidth" => new NumberProducer(name, FrameNumber.ViewportPixelWidth),
        "viewportPixelHeight" => new NumberProducer(name, FrameNumber.ViewportPixelHeight),
        "screenPixelWidth" => new NumberProducer(name, FrameNumber.ScreenPixelWidth),
        "screenPixelHeight" => new NumberProducer(name, FrameNumber.ScreenPixelHeight),
        "devicePixelRatio" => new NumberProducer(name, FrameNumber.DevicePixelRatio),
        _ => null,
    };

    private sealed class SlotProducer(string name, FrameSlot slot) : ValueProducer<TextSlice>($"{name}()", ProducerType.String)
    {
        public override bool TryRead(in MappedEvent mapped, out TextSlice value)
        {
            value = new TextSlice(null, mapped.Frame.OffsetOf(slot), mapped.Frame[slot].Length);
            return mapped.Frame.Has(slot);
        }
    }

    private sealed class FlagProducer(string name, FrameFlags flag) : ValueProducer<bool>($"{name}()", ProducerType.Boolean)
    {
        public override bool TryRead(in MappedEvent mapped, out bool value)
        {
            value = (mapped.Frame.Flags & flag) != 0;
            return true;
        }
    }

    private sealed class TimestampProducer(string name, bool isClientTime) : ValueProducer<long>($"{name}()", ProducerType.Int64)
    {
        public override bool TryRead(in MappedEvent mapped, out long value)
        {
            value = isClientTime ? mapped.Frame.ClientTime : mapped.Frame.RequestTime;
            return true;
        }
    }

    private sealed class NumberProducer(string name, FrameNumber number) : ValueProducer<int>($"{name}()", ProducerType.Int32)
    {
        public override bool TryRead(in MappedEvent mapped, out int value)
        {
            var found = mapped.Frame.Number(number);
            value = found.GetValueOrDefault();
            return found.HasValue;
        }
    }

    private sealed class UserAgentStringProducer() : ValueProducer<TextSlice>("userAgentString()", ProducerType.String)
    {
        public override bool TryRead(in MappedEvent mapped, out TextSlice value) => FrameHeaderText.TryFindFirst(mapped, "user-agent"u8, out value);
    }
}
