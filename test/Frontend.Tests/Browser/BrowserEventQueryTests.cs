using System.Text;
using CsCheck;
using Divolte.Frontend.Browser;
using Divolte.Frontend.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Divolte.Frontend.Tests.Browser;

public sealed class BrowserEventQueryTests
{
    private const string Ids = "p=0:1:p&s=0:1:s&v=v&e=e&c=1&n=f&f=f&";

    private static readonly string[] Pieces =
        ["p", "s", "t", "u", "x", "i", "zz", "=", "&", "%41", "%FF", "%ED%A0%80", "%F0%9F%98%80", "%00", "+", "0:", "1y2p0ij32e8e7", "-", "~!", "%2B"];

    [Fact]
    public void AnyQuery_GivesAWellFormedFrameOrAReason() => Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]).Array[0, 60].Sample(pieces =>
    {
        var query = Ids + string.Concat(pieces);
        Assert.True(RequestTarget.IsWellFormed(query));
        var parameters = new QueryParameters();
        Assert.True(parameters.TryDecode(query));
        using var buffer = new FrameBuffer();

        var dropped = BrowserEventQuery.Write(buffer, parameters, Facts(query));

        Assert.Equal(DropReason.None, dropped);
        var frame = EventFrameReader.Parse(buffer.Written);
        Assert.Equal(buffer.Length, frame.Bytes.Length);
        Assert.Equal("0:1:p"u8, frame[FrameSlot.PartyId]);
        foreach (var slot in Enum.GetValues<FrameSlot>())
            Assert.True(System.Text.Unicode.Utf8.IsValid(frame[slot]), $"{slot} of {query}");
    });

    [Theory]
    [InlineData("n=t&f=t", FrameFlags.NewParty | FrameFlags.FirstInSession)]
    [InlineData("n=T&f=true", FrameFlags.None)]
    [InlineData("n=&f=tt", FrameFlags.None)]
    public void Flags_AreExactlyT(string flags, FrameFlags expected)
    {
        var query = "p=0:1:p&s=0:1:s&v=v&e=e&c=1&" + flags;

        Assert.Equal(expected | FrameFlags.Corrupt, Parse(Write(query)).Flags);
    }

    [Fact]
    public void RepeatedKnownParameters_AreKeptInTheRestOfTheQuery()
    {
        var frame = Parse(Write(Ids + "t=a&t=b&&T=c&utm%20x=%C3%A9"));

        Assert.Equal("a"u8, frame[FrameSlot.EventType]);
        Assert.Equal("t=b&T=c&utm%20x=%C3%A9"u8, frame[FrameSlot.OtherQuery]);
    }

    [Fact]
    public void LongIds_AreWritten()
    {
        var unique = new string('z', 50_000);

        var frame = Parse(Write($"p=0:16:{unique}&s=0:16:{unique}&v=v&e={unique}&c=1&n=f&f=f"));

        Assert.Equal(Encoding.ASCII.GetBytes("0:16:" + unique), frame[FrameSlot.SessionId]);
    }

    private static EventFrameReader Parse(byte[] frame) => EventFrameReader.Parse(frame);

    private static byte[] Write(string query)
    {
        var parameters = new QueryParameters();
        Assert.True(parameters.TryDecode(query));
        using var buffer = new FrameBuffer();
        Assert.Equal(DropReason.None, BrowserEventQuery.Write(buffer, parameters, Facts(query)));
        return buffer.Written.ToArray();
    }

    private static RequestFacts Facts(string query) => new()
    {
        Source = "browser"u8,
        TimeMilliseconds = 1,
        RemoteHost = "127.0.0.1"u8,
        RawTarget = "/csc-event?" + query,
        Query = query,
        Headers = new ServerHeaders().Of(new HeaderDictionary { ["X-Multi"] = new[] { "a", "b" } }),
        RouteBy = RouteBy.Uri,
    };
}
