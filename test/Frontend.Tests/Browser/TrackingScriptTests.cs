using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Divolte.Frontend.Browser;
using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Xunit;

namespace Divolte.Frontend.Tests.Browser;

public sealed class TrackingScriptTests
{
    [Fact]
    public void Settings_AreInTheScript()
    {
        var script = Text(new BrowserSourceOptions
        {
            Name = "one",
            PartyCookie = "pc\"</script>",
            PartyTimeout = TimeSpan.FromDays(100_000),
            SessionTimeout = TimeSpan.FromMinutes(5),
            CookieDomain = ".example.com",
            EventSuffix = "web-event",
            JavaScript = new JavaScriptOptions { Name = "dvt.js", AutoPageViewEvent = false, EventTimeout = TimeSpan.FromSeconds(2) },
        });

        Assert.DoesNotContain("$PARTY", script, StringComparison.Ordinal);
        Assert.DoesNotContain("</script>", script, StringComparison.Ordinal);
        Assert.Contains("partySeconds = 2147483647", script, StringComparison.Ordinal);
        Assert.Contains("sessionSeconds = 300", script, StringComparison.Ordinal);
        Assert.Contains("cookieDomain = \".example.com\"", script, StringComparison.Ordinal);
        Assert.Contains("eventSuffix = \"web-event\"", script, StringComparison.Ordinal);
        Assert.Contains("scriptName = \"dvt.js\"", script, StringComparison.Ordinal);
        Assert.Contains("autoPageView = false", script, StringComparison.Ordinal);
        Assert.Contains("eventMilliseconds = 2000", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Debug_KeepsTheScriptReadable()
    {
        var plain = Text(new BrowserSourceOptions { Name = "one" });
        var debug = Text(new BrowserSourceOptions { Name = "one", JavaScript = new JavaScriptOptions { Debug = true } });

        Assert.True(plain.Length < debug.Length);
        Assert.DoesNotContain("\n ", plain, StringComparison.Ordinal);
    }

    [Fact]
    public void CompressedForm_UnpacksToThePlainOne()
    {
        var script = TrackingScript.Of(new BrowserSourceOptions { Name = "one" });
        var compressed = script.Compressed!;

        using var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(compressed.Bytes), CompressionMode.Decompress))
            gzip.CopyTo(unpacked);

        Assert.Equal(script.Plain.Bytes, unpacked.ToArray());
        Assert.Equal([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0], compressed.Bytes[..10]);
        Assert.Equal("\"gz+" + Convert.ToBase64String(SHA256.HashData(script.Plain.Bytes)) + "\"", compressed.QuotedTag);
    }

    [Fact]
    public void ScriptThatDoesNotShrink_HasNoCompressedForm() => Assert.Null(TrackingScript.OfText("abcdefghi").Compressed);

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("deflate, gzip, br", true)]
    [InlineData("br\r\nAccept-Encoding: gzip", true)]
    [InlineData("gzip;q=1.0", false)]
    [InlineData("GZIP", false)]
    [InlineData("x-gzip", false)]
    [InlineData("*", false)]
    public async Task Encoding_IsChosenByTheExactItem(string accepted, bool isCompressed)
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.GetAsync("/divolte.js", $"Accept-Encoding: {accepted}\r\n");

        Assert.Equal(200, answer.Status);
        Assert.Equal(isCompressed ? "gzip" : null, answer.Header("Content-Encoding"));
        Assert.Equal("Accept-Encoding", answer.Header("Vary"));
        Assert.Equal("application/javascript", answer.Header("Content-Type"));
        Assert.Equal("public, max-age=3600", answer.Header("Cache-Control"));
        Assert.Equal(isCompressed, answer.Body.AsSpan().StartsWith(new byte[] { 0x1f, 0x8b }));
    }

    private static string Text(BrowserSourceOptions source) => Encoding.UTF8.GetString(TrackingScript.Of(source).Plain.Bytes);
}
