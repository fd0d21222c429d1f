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
    private static readonly JavaScriptOptions WithEverything = new()
    {
        HasSinglePageViews = true, HonoursPrivacySignals = true, Retries = 3, OfflineEvents = 50, NeedsConsent = true, HasClientHints = true,
    };

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
            CookieSameSite = CookieSameSite.Lax,
            IsCookieSecure = true,
            EventSuffix = "web-event",
            JavaScript = new JavaScriptOptions { Name = "dvt.js", AutoPageViewEvent = false, EventTimeout = TimeSpan.FromSeconds(2) },
        });

        Assert.DoesNotMatch(@"\$[A-Z_]{2,}\$", script);
        Assert.DoesNotContain("</script>", script, StringComparison.Ordinal);
        Assert.Contains("2147483647", script, StringComparison.Ordinal);
        Assert.Contains("300", script, StringComparison.Ordinal);
        Assert.Contains("\"; domain=.example.com; SameSite=Lax; Secure\"", script, StringComparison.Ordinal);
        Assert.Contains("\"web-event\"", script, StringComparison.Ordinal);
        Assert.Contains("\"dvt.js\"", script, StringComparison.Ordinal);
        Assert.Contains("2000", script, StringComparison.Ordinal);
    }

    [Fact]
    public void SettingThatLooksLikeAName_StaysAsItIs() =>
        Assert.Contains("\"$SCRIPT_NAME$\"", Text(new BrowserSourceOptions { Name = "one", PartyCookie = "$SCRIPT_NAME$" }), StringComparison.Ordinal);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void EveryVariant_IsRenderedWhole(bool isLogging, bool isDebug)
    {
        var script = Text(new BrowserSourceOptions { Name = "one", JavaScript = new JavaScriptOptions { Logging = isLogging, Debug = isDebug } });

        Assert.DoesNotMatch(@"\$[A-Z_]{2,}\$", script);
        Assert.Equal(isLogging, script.Contains("page view started", StringComparison.Ordinal));
        Assert.Equal(isDebug, script.Contains("function scramble(", StringComparison.Ordinal));
    }

    [Fact]
    public void DefaultScript_IsSmall()
    {
        var script = Rendered(new BrowserSourceOptions { Name = "one", JavaScript = new JavaScriptOptions { HasBrotli = true } });

        Assert.InRange(script.Compressed!.Bytes.Length, 1, 4000);
        Assert.InRange(script.Brotli!.Bytes.Length, 1, 3500);
    }

    [Fact]
    public void Keys_AreInTheScriptByKeyOnly()
    {
        var none = Text(new BrowserSourceOptions { Name = "one" });
        var all = Text(new BrowserSourceOptions { Name = "one", HasServerPartyCookie = true, JavaScript = WithEverything });

        Assert.All(
            ["pushState", "popstate", "globalPrivacyControl", "doNotTrack", "localStorage", "onLine", "getHighEntropyValues", "sec-ch-ua", ".consent", "!==party"],
            word =>
            {
                Assert.DoesNotContain(word, none, StringComparison.Ordinal);
                Assert.Contains(word, all, StringComparison.Ordinal);
            });
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void EveryVariantWithEveryKey_IsRenderedWhole(bool isLogging, bool isDebug) =>
        Assert.DoesNotMatch(
            @"\$[A-Z_]{2,}\$",
            Text(new BrowserSourceOptions { Name = "one", HasServerPartyCookie = true, JavaScript = WithEverything with { Logging = isLogging, Debug = isDebug } }));

    [Theory]
    [InlineData(600, "540000")]
    [InlineData(90, "45000")]
    [InlineData(0, "0")]
    public void UnsureEvents_AreKeptWithinTheDuplicateWindow(int windowSeconds, string milliseconds)
    {
        var script = TrackingScript.Of(
            new BrowserSourceOptions { Name = "one", JavaScript = new JavaScriptOptions { OfflineEvents = 50 } }, TimeSpan.FromSeconds(windowSeconds));

        Assert.Contains(">" + milliseconds + ")", Encoding.UTF8.GetString(script.Plain.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Brotli_IsThereByKeyOnly() => Assert.Null(Rendered(new BrowserSourceOptions { Name = "one" }).Brotli);

    [Fact]
    public void BrotliForm_UnpacksToThePlainOne()
    {
        var script = Rendered(new BrowserSourceOptions { Name = "one", JavaScript = new JavaScriptOptions { HasBrotli = true } });

        using var unpacked = new MemoryStream();
        using (var brotli = new BrotliStream(new MemoryStream(script.Brotli!.Bytes), CompressionMode.Decompress))
            brotli.CopyTo(unpacked);

        Assert.Equal(script.Plain.Bytes, unpacked.ToArray());
        Assert.StartsWith("\"br+", script.Brotli.QuotedTag, StringComparison.Ordinal);
    }

    [Fact]
    public void CompressedForm_UnpacksToThePlainOne()
    {
        var script = Rendered(new BrowserSourceOptions { Name = "one" });
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

    private static string Text(BrowserSourceOptions source) => Encoding.UTF8.GetString(Rendered(source).Plain.Bytes);

    private static TrackingScript Rendered(BrowserSourceOptions source) => TrackingScript.Of(source, TimeSpan.FromMinutes(10));
}
