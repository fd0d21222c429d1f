using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Divolte.Frontend.Requests;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Microsoft.AspNetCore.Http;

namespace Divolte.Silo.Mapping;

/// <summary>
/// An event written by hand as a JSON object, all of whose members are optional, as the collector's mapping test server takes it. It is mapped like one
/// of a browser; missing ids are made up, and both times are now.
/// </summary>
internal static class HandWrittenEvent
{
    private static readonly (string Member, FrameNumber Number)[] Numbers =
    [
        ("viewport_pixel_width", FrameNumber.ViewportPixelWidth), ("viewport_pixel_height", FrameNumber.ViewportPixelHeight),
        ("screen_pixel_width", FrameNumber.ScreenPixelWidth), ("screen_pixel_height", FrameNumber.ScreenPixelHeight),
        ("device_pixel_ratio", FrameNumber.DevicePixelRatio),
    ];

    private static readonly (string Member, FrameFlags Flag)[] Flags =
    [
        ("corrupt", FrameFlags.Corrupt), ("duplicate", FrameFlags.Duplicate), ("new_party_id", FrameFlags.NewParty),
        ("first_in_session", FrameFlags.FirstInSession),
    ];

    /// <summary>Bytes of randomness in an identifier, as the collector's server has it.</summary>
    private const int UniqueBytes = 24;

    /// <summary>Writes the frame at the end of a buffer.</summary>
    /// <param name="buffer">Where to write.</param>
    /// <param name="written">A JSON object.</param>
    /// <param name="headers">Headers of the event.</param>
    /// <param name="remoteHost">Address of the client, unless the object has one.</param>
    /// <param name="timeMilliseconds">Now.</param>
    /// <param name="onMistake">Told of members that have the wrong type and are taken as absent.</param>
    public static void Write(
        FrameBuffer buffer, JsonElement written, IHeaderDictionary headers, string remoteHost, long timeMilliseconds, Action<string> onMistake)
    {
        var reader = new MemberReader(written, onMistake);
        var pageView = NewIdentifier(timeMilliseconds);
        var eventId = reader.Text("event_id") ?? pageView + "0";
        pageView = reader.Text("page_view_id") ?? pageView;
        var party = Identifier(reader, "party_id", timeMilliseconds);
        var session = Identifier(reader, "session_id", timeMilliseconds);

        var frame = new EventFrameWriter(buffer);
        frame.SetFlags(Flags.Where(flag => reader.Flag(flag.Member)).Aggregate(FrameFlags.None, (all, flag) => all | flag.Flag));
        frame.SetTimes(timeMilliseconds, timeMilliseconds);
        frame.SetIdentity(EventKey.Of(Encoding.UTF8.GetBytes(party), Encoding.UTF8.GetBytes(session), Encoding.UTF8.GetBytes(eventId)), 0);
        foreach (var (member, number) in Numbers)
        {
            if (reader.Number(member) is { } value)
                frame.SetNumber(number, value);
        }
        var hasParameters = written.TryGetProperty("parameters", out var parameters);
        if (hasParameters)
            frame.SetParametersFormat(ParametersFormat.Json);
        WriteText(ref frame, FrameSlot.Source, "browser");
        WriteText(ref frame, FrameSlot.PartyId, party);
        WriteText(ref frame, FrameSlot.SessionId, session);
        WriteText(ref frame, FrameSlot.EventId, eventId);
        WriteText(ref frame, FrameSlot.PageViewId, pageView);
        WriteText(ref frame, FrameSlot.EventType, reader.Text("event_type"));
        WriteText(ref frame, FrameSlot.Location, reader.Text("location"));
        WriteText(ref frame, FrameSlot.Referer, reader.Text("referer"));
        WriteText(ref frame, FrameSlot.Parameters, hasParameters ? parameters.GetRawText() : null);
        WriteText(ref frame, FrameSlot.RemoteHost, RemoteHost(reader, onMistake) ?? remoteHost);
        new ServerHeaders().Of(headers).WriteTo(ref frame);
        frame.Complete();
    }

    private static void WriteText(ref EventFrameWriter frame, FrameSlot slot, string? text)
    {
        if (text is not null)
            frame.WriteSlot(slot, text);
    }

    private static string? RemoteHost(MemberReader reader, Action<string> onMistake)
    {
        if (reader.Text("remote_host") is not { } text)
            return null;
        if (!IPAddress.TryParse(text, out var address))
        {
            onMistake($"remote_host is no address: {text}");
            return null;
        }
        Span<byte> target = stackalloc byte[ClientAddress.LengthMax];
        return Encoding.ASCII.GetString(target[..ClientAddress.Format(address, target)]);
    }

    private static string Identifier(MemberReader reader, string member, long timeMilliseconds)
    {
        if (reader.Text(member) is { } text && DivolteIdentifier.TryParse(Encoding.UTF8.GetBytes(text), out var identifier))
        {
            var canonical = new byte[identifier.CanonicalLengthMax];
            return Encoding.UTF8.GetString(canonical.AsSpan(0, identifier.WriteCanonical(canonical)));
        }
        return NewIdentifier(timeMilliseconds);
    }

    private static string NewIdentifier(long timeMilliseconds)
    {
        Span<byte> time = stackalloc byte[Base36.LengthMax];
        var length = Base36.Format(timeMilliseconds, time);
        return $"0:{Encoding.ASCII.GetString(time[..length])}:{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(UniqueBytes))}";
    }

    /// <summary>Reads members by type; one of the wrong type is told of and absent, and so is null.</summary>
    private sealed class MemberReader(JsonElement written, Action<string> onMistake)
    {
        public string? Text(string name) => Find(name, JsonValueKind.String) is { } value ? value.GetString() : null;

        public bool Flag(string name) => Find(name, JsonValueKind.True, JsonValueKind.False) is { ValueKind: JsonValueKind.True };

        public int? Number(string name)
        {
            if (Find(name, JsonValueKind.Number) is not { } value)
                return null;
            if (value.TryGetInt32(out var number))
                return number;
            onMistake($"{name} is no integer of 32 bits: {value.GetRawText()}");
            return null;
        }

        private JsonElement? Find(string name, params ReadOnlySpan<JsonValueKind> kinds)
        {
            if (!written.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
                return null;
            if (kinds.Contains(value.ValueKind))
                return value;
            onMistake($"{name} is of the wrong type: {value.GetRawText()}");
            return null;
        }
    }
}
