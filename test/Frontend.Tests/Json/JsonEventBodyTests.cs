using System.Text;
using CsCheck;
using Divolte.Frontend.Json;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Xunit;

namespace Divolte.Frontend.Tests.Json;

public sealed class JsonEventBodyTests
{
    private const string Rest = "\"event_id\":\"e\",\"is_new_party\":false,\"is_new_session\":false,\"client_timestamp_iso\":\"t\"";

    [Theory]
    [InlineData("", false)]
    [InlineData(" ", false)]
    [InlineData("null", false)]
    [InlineData("false", false)]
    [InlineData("False", false)]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData(" true ", true)]
    [InlineData("\\u0074rue", true)]
    public void BooleanText_IsRead(string text, bool expected)
    {
        var body = Read($"{{\"session_id\":\"s\",\"event_id\":\"e\",\"is_new_party\":false,\"client_timestamp_iso\":\"t\",\"is_new_session\":\"{text}\"}}");

        Assert.Equal(expected ? FrameFlags.FirstInSession : FrameFlags.None, body.Flags);
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    [InlineData("-1", true)]
    [InlineData("2", true)]
    [InlineData("null", false)]
    public void BooleanNumber_IsRead(string number, bool expected)
    {
        var body = Read($"{{\"session_id\":\"s\",\"event_id\":\"e\",\"is_new_party\":{number},\"client_timestamp_iso\":\"t\",\"is_new_session\":0}}");

        Assert.Equal(expected ? FrameFlags.NewParty : FrameFlags.None, body.Flags);
    }

    [Theory]
    [InlineData("5", "5")]
    [InlineData("1.50", "1.50")]
    [InlineData("false", "false")]
    [InlineData("\"a\\u00e9\\n\\\"\\\\\\/\"", "a\u00e9\n\"\\/")]
    [InlineData("\"\\ud83d\\ude00\"", "\U0001f600")]
    [InlineData("\"a\\ud83db\"", "a?b")]
    [InlineData("\"\\ude00\\ud83d\"", "??")]
    public void TextProperty_IsRead(string value, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Read($"{{\"session_id\":{value},{Rest}}}").SessionId));

    [Theory]
    [InlineData("{}", DropReason.Incomplete)]
    [InlineData("{\"session_id\":null," + Rest + "}", DropReason.Incomplete)]
    [InlineData("{\"session_id\":\"s\",\"session_id\":null," + Rest + "}", DropReason.Incomplete)]
    [InlineData("{\"session_id\":{}," + Rest + "}", DropReason.Body)]
    [InlineData("{\"session_id\":[\"s\"]," + Rest + "}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\",\"unknown\":1," + Rest + "}", DropReason.Body)]
    [InlineData("{\"sessionId\":\"s\"," + Rest + "}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + ",\"is_new_party\":0.0}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + ",\"is_new_party\":1e0}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + ",\"is_new_party\":\"TRUE\"}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + ",\"is_new_party\":\"1\"}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + ",\"is_new_party\":[]}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + ",\"event_type\":{}}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + ",\"parameters\":01}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + ",\"parameters\":+1}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + ",\"parameters\":NaN}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + ",}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest + "/**/}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\ts\"," + Rest + "}", DropReason.Body)]
    [InlineData("{\"session_id\":\"\\q\"," + Rest + "}", DropReason.Body)]
    [InlineData("{\"session_id\":\"s\"," + Rest, DropReason.Body)]
    [InlineData("{", DropReason.Body)]
    [InlineData("[]", DropReason.Body)]
    [InlineData("null", DropReason.Body)]
    [InlineData("5", DropReason.Body)]
    [InlineData("hello", DropReason.Body)]
    [InlineData(" ", DropReason.Body)]
    public void OtherBody_IsRefused(string json, DropReason expected) => Assert.Equal(expected, new JsonEventBody().Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void InvalidUtf8_IsRefused()
    {
        var json = Encoding.Latin1.GetBytes($"{{\"session_id\":\"caf\u00e9\",{Rest}}}");

        Assert.Equal(DropReason.Body, new JsonEventBody().Read(json));
    }

    [Theory]
    [InlineData("a\u00ed\u00a0\u0080b", "a?b")]
    [InlineData("\u00ed\u00a0\u00bd\u00ed\u00b8\u0080", "\U0001f600")]
    public void SurrogatesAsThreeBytes_AreTaken(string latin1, string expected)
    {
        var body = new JsonEventBody();

        Assert.Equal(DropReason.None, body.Read(Encoding.Latin1.GetBytes($"{{\"session_id\":\"{latin1}\",{Rest}}}")));

        Assert.Equal(expected, Encoding.UTF8.GetString(body.SessionId));
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-32", false)]
    [InlineData("utf-32", true)]
    [InlineData("utf-32BE", false)]
    [InlineData("utf-32BE", true)]
    public void OtherEncoding_IsDetected(string name, bool hasMark)
    {
        var encoding = Encoding.GetEncoding(name);
        var json = encoding.GetBytes($"{{\"session_id\":\"caf\u00e9\",{Rest},\"parameters\":[\"\u20ac\"]}}");
        var body = new JsonEventBody();

        Assert.Equal(DropReason.None, body.Read([.. hasMark ? encoding.GetPreamble() : [], .. json]));

        Assert.Equal("caf\u00e9", Encoding.UTF8.GetString(body.SessionId));
        Assert.Equal("[\"\u20ac\"]", Encoding.UTF8.GetString(body.Parameters));
    }

    /// <summary>The recorded reader looks only at the lengths of sequences.</summary>
    [Theory]
    [InlineData("a\u00ed\u00a0\u0080b", "a?b")] // half a pair
    [InlineData("\u00ed\u00a0\u00bd\u00ed\u00b8\u0080", "\U0001f600")] // both halves, three bytes each
    [InlineData("\u00ed\u00b8\u0080\u00ed\u00a0\u00bd", "??")]
    [InlineData("\u00ed\u00a0\u00bd\u00ed\u00a0\u00bd\u00ed\u00b8\u0080", "?\U0001f600")]
    [InlineData("\u00c1\u0081", "A")] // two bytes for an ASCII letter
    [InlineData("\u00c0\u00a2\u00c1\u009c", "\"\\")] // a quote and a backslash in disguise are content
    [InlineData("\u00c0\u0080", "\0")]
    [InlineData("\u00e0\u0083\u00a9", "\u00e9")]
    [InlineData("\u00f0\u009f\u0098\u0080\u00c1\u0081", "\U0001f600A")]
    public void LooseSequence_IsTakenForWhatItMeans(string bytes, string expected)
    {
        var body = new JsonEventBody();

        Assert.Equal(DropReason.None, body.Read(Encoding.Latin1.GetBytes($"{{\"session_id\":\"{bytes}\",{Rest}}}")));

        Assert.Equal(expected, Encoding.UTF8.GetString(body.SessionId));
    }

    [Theory]
    [InlineData("a\u00ffb")]
    [InlineData("\u0080")]
    [InlineData("\u00c3b")]
    [InlineData("\u00e2\u0082")]
    [InlineData("\u00f8\u0088\u0080\u0080\u0080")]
    public void BytesThatAreNoSequence_AreRefused(string bytes) =>
        Assert.Equal(DropReason.Body, new JsonEventBody().Read(Encoding.Latin1.GetBytes($"{{\"session_id\":\"{bytes}\",{Rest}}}")));

    [Fact]
    public void BytesThatAreNoSequenceBehindTheObject_AreIgnored() =>
        Assert.Equal(DropReason.None, new JsonEventBody().Read(Encoding.Latin1.GetBytes($"{{\"session_id\":\"s\",{Rest}}}\u00ff")));

    [Fact]
    public void TextBehindTheObject_IsIgnored() => Read($"{{\"session_id\":\"s\",{Rest}}}garbage");

    [Fact]
    public void EscapedName_IsKnown() => Assert.Equal("s"u8, Read($"{{\"session\\u005fid\":\"s\",{Rest}}}").SessionId);

    [Theory]
    [InlineData(",\"parameters\":{ \"a\" : 1.50 }", "{ \"a\" : 1.50 }")]
    [InlineData(",\"parameters\":1e400", "1e400")]
    [InlineData(",\"parameters\":null", "null")]
    [InlineData(",\"parameters\":{\"a\":1},\"parameters\":[2]", "[2]")]
    [InlineData("", "null")]
    public void Parameters_AreKeptAsTheyStand(string property, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Read($"{{\"session_id\":\"s\",{Rest}{property}}}").Parameters));

    [Theory]
    [InlineData(JsonEventBody.DepthMax - 1, DropReason.None)]
    [InlineData(JsonEventBody.DepthMax, DropReason.Body)]
    public void Nesting_IsBounded(int depth, DropReason expected)
    {
        var json = $"{{\"session_id\":\"s\",{Rest},\"parameters\":{new string('[', depth)}{new string(']', depth)}}}";

        Assert.Equal(expected, new JsonEventBody().Read(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void SecondBody_HasNothingOfTheFirst()
    {
        var body = new JsonEventBody();
        body.Read(Encoding.UTF8.GetBytes($"{{\"session_id\":\"s\",{Rest},\"event_type\":\"t\",\"parameters\":1,\"is_new_party\":true}}"));

        Assert.Equal(DropReason.None, body.Read(Encoding.UTF8.GetBytes($"{{\"session_id\":\"s2\",{Rest}}}")));

        Assert.False(body.HasEventType);
        Assert.Equal("null"u8, body.Parameters);
        Assert.Equal(FrameFlags.None, body.Flags);
        Assert.Equal(DropReason.Incomplete, body.Read("{}"u8));
    }

    [Fact]
    public void AnyBytes_AreReadOrRefused()
    {
        var good = Encoding.UTF8.GetBytes($"{{\"session_id\":\"a\\u00e9\\ud83d\",{Rest},\"event_type\":\"\u20ac\",\"parameters\":{{\"a\":[1,null]}}}}");
        var body = new JsonEventBody();

        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((index, value, length) =>
        {
            var changed = good.ToArray();
            changed[index] = value;
            return body.Read(changed.AsSpan(0, length)) is DropReason.None or DropReason.Body or DropReason.Incomplete;
        });
        Gen.Byte.Array[0, 200].Sample(bytes => body.Read(bytes) is DropReason.Body or DropReason.Incomplete);
    }

    private static JsonEventBody Read(string json)
    {
        var body = new JsonEventBody();
        Assert.Equal(DropReason.None, body.Read(Encoding.UTF8.GetBytes(json)));
        return body;
    }
}
