using System.Text;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;

namespace Divolte.TestKit.Events;

/// <summary>Builds event frames for tests: <c>AFrame.PageView() with { Location = "…" }</c>, so that only what matters is written.</summary>
public sealed record AFrame
{
    public string Source { get; init; } = "browser";

    public FrameFlags Flags { get; init; } = FrameFlags.FirstInSession | FrameFlags.NewParty;

    public long RequestTime { get; init; } = 1_700_000_000_123;

    public long ClientTime { get; init; } = 1_700_000_000_000;

    public string PartyId { get; init; } = "0:i0rjfnxc:JLOvH9Nda2c1uV8M~vmdhPGFEC3WxVNq";

    public string SessionId { get; init; } = "0:i0rjfnxc:FPpXFMdcEORvvaP_HbpDgABG3Iu5__4d";

    public string EventId { get; init; } = "0:OxVC1WJ4PZNEGIUuzdXPsy_bztnKMuoH0";

    public string? PageViewId { get; init; }

    public string? EventType { get; init; }

    public string? Location { get; init; }

    public string? Referer { get; init; }

    public string? Parameters { get; init; }

    public ParametersFormat ParametersFormat { get; init; }

    public string? RemoteHost { get; init; } = "127.0.0.1";

    public IReadOnlyDictionary<FrameNumber, int> Numbers { get; init; } = new Dictionary<FrameNumber, int>();

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>A browser's page view with everything that a browser sends.</summary>
    public static AFrame PageView() => new()
    {
        PageViewId = "0:OxVC1WJ4PZNEGIUuzdXPsy_bztnKMuoH",
        EventType = "pageView",
        Location = "https://www.example.com/products/shoes?colour=red&size=42#reviews",
        Referer = "https://search.example.org/find?q=red+shoes",
        Numbers = new Dictionary<FrameNumber, int>
        {
            [FrameNumber.ScreenPixelWidth] = 1920,
            [FrameNumber.ScreenPixelHeight] = 1080,
            [FrameNumber.DevicePixelRatio] = 2,
            [FrameNumber.ViewportPixelWidth] = 1280,
            [FrameNumber.ViewportPixelHeight] = 940,
        },
        Headers =
        [
            ("Host", "collector.test"),
            ("User-Agent", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/38.0.2125.122 Safari/537.36"),
            ("Cookie", "custom_cookie=custom_cookie_value; theme=dark"),
        ],
    };

    /// <summary>The frame's bytes.</summary>
    public byte[] Build()
    {
        using var buffer = new FrameBuffer();
        var writer = new EventFrameWriter(buffer);
        writer.SetFlags(Flags);
        writer.SetTimes(RequestTime, ClientTime);
        writer.SetIdentity(EventKey.Of(Encoding.UTF8.GetBytes(PartyId), Encoding.UTF8.GetBytes(SessionId), Encoding.UTF8.GetBytes(EventId)), 0);
        writer.SetParametersFormat(ParametersFormat);
        foreach (var (number, value) in Numbers)
            writer.SetNumber(number, value);
        string?[] slots = [Source, PartyId, SessionId, EventId, PageViewId, EventType, Location, Referer, Parameters, RemoteHost];
        for (var slot = 0; slot < slots.Length; slot++)
        {
            if (slots[slot] is { } text)
                writer.WriteSlot((FrameSlot)slot, text);
        }
        foreach (var (name, value) in Headers)
            writer.WriteHeader(name, value);
        writer.Complete();
        return buffer.Written.ToArray();
    }
}
