using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Frontend.Browser;

/// <summary>The tag of one browser source, rendered from the source's settings and compressed once, at start.</summary>
internal sealed partial class TrackingScript
{
    /// <summary>Global Privacy Control, and Do Not Track in its spellings. An expression in parentheses, as it is put anywhere.</summary>
    private const string NoPrivacySignal = "(!navigator.globalPrivacyControl&&navigator.doNotTrack!=\"1\"&&window.doNotTrack!=\"1\")";

    private TrackingScript(byte[] plain, bool hasBrotli)
    {
        var tag = Convert.ToBase64String(SHA256.HashData(plain));
        Plain = new ScriptVariant(plain, tag, null);
        Compressed = IfSmaller(new ScriptVariant(Gzip(plain), "gz+" + tag, "gzip"));
        Brotli = hasBrotli ? IfSmaller(new ScriptVariant(BrotliOf(plain), "br+" + tag, "br")) : null;

        ScriptVariant? IfSmaller(ScriptVariant variant) => variant.Bytes.Length < plain.Length ? variant : null;
    }

    public ScriptVariant Plain { get; }

    /// <summary>The gzip form; null when it would not be smaller.</summary>
    public ScriptVariant? Compressed { get; }

    /// <summary>The brotli form; null when the source does not want it, or when it would not be smaller.</summary>
    public ScriptVariant? Brotli { get; }

    /// <summary>Renders the tag of a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="duplicateWindow">How long the server certainly recognises a repeated event.</param>
    public static TrackingScript Of(BrowserSourceOptions source, TimeSpan duplicateWindow)
    {
        var name = "divolte" + (source.JavaScript.Logging ? ".logging" : "") + (source.JavaScript.Debug ? ".js" : ".min.js");
        return OfText(Render(Artefact(name), source, duplicateWindow), source.JavaScript.HasBrotli);
    }

    internal static TrackingScript OfText(string script, bool hasBrotli = false) => new(Encoding.UTF8.GetBytes(script), hasBrotli);

    private static string Artefact(string name)
    {
        using var resource = typeof(TrackingScript).Assembly.GetManifestResourceStream("Divolte.Frontend.Browser.Tag." + name)
            ?? throw new InvalidOperationException($"The artefact {name} of the tag is missing from the assembly.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>One pass over the names of settings, so that a value that looks like one stays as it is; one more inside of features.</summary>
    private static string Render(string template, BrowserSourceOptions source, TimeSpan duplicateWindow)
    {
        return SettingName().Replace(template, name => name.ValueSpan switch
        {
            "$PARTY_COOKIE$" => Text(source.PartyCookie),
            "$PARTY_SECONDS$" => Seconds(source.PartyTimeout),
            "$SESSION_COOKIE$" => Text(source.SessionCookie),
            "$SESSION_SECONDS$" => Seconds(source.SessionTimeout),
            "$COOKIE_ATTRIBUTES$" => Text(CookieAttributes(source)),
            "$COOKIES$" => source.JavaScript.IsCookieless ? "false" : "true",
            "$WRITES_PARTY$" => source.HasServerPartyCookie ? $"(readCookie({Text(source.PartyCookie)})!==party)" : "true",
            "$ALLOWED$" => source.JavaScript.HonoursPrivacySignals ? NoPrivacySignal : "true",
            "$SINGLE_PAGE$" => source.JavaScript.HasSinglePageViews ? Feature("single-page") : "0",
            "$GATE$" => Around(Around("pass", "hints", source.JavaScript.HasClientHints), "consent", source.JavaScript.NeedsConsent),
            "$DELIVERY$" => Around(Around("request", "retry", source.JavaScript.Retries > 0), "offline", source.JavaScript.OfflineEvents > 0),
            "$RETRIES$" => Number(source.JavaScript.Retries),
            "$OFFLINE_EVENTS$" => Number(source.JavaScript.OfflineEvents),
            "$OFFLINE_NAME$" => Text(source.PartyCookie + ".waiting"),
            "$DUPLICATE_MILLISECONDS$" => Number(ResendMilliseconds(duplicateWindow)),
            "$SCRIPT_NAME$" => Text(source.JavaScript.Name),
            "$EVENT_SUFFIX$" => Text(source.EventSuffix),
            "$AUTO_PAGE_VIEW$" => source.JavaScript.AutoPageViewEvent ? "true" : "false",
            "$EVENT_MILLISECONDS$" => source.JavaScript.EventTimeout.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"The tag has no setting {name.Value}."),
        });

        string Feature(string name) => Render(Artefact($"feature.{name}.js").TrimEnd(), source, duplicateWindow);

        string Around(string inner, string name, bool isWanted) => isWanted ? $"{Feature(name)}({inner})" : inner;
    }

    /// <summary>A minute, but at most half of the window, is left for the way and for clocks.</summary>
    private static long ResendMilliseconds(TimeSpan duplicateWindow) =>
        (long)Math.Max(duplicateWindow.TotalMilliseconds - TimeSpan.MillisecondsPerMinute, duplicateWindow.TotalMilliseconds / 2);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>What stands behind the life of the tag's cookies, whoever writes them.</summary>
    internal static string CookieAttributes(BrowserSourceOptions source) =>
        (string.IsNullOrEmpty(source.CookieDomain) ? "" : "; domain=" + source.CookieDomain)
        + (source.CookieSameSite is { } sameSite ? "; SameSite=" + sameSite : "")
        + (source.IsCookieSecure ? "; Secure" : "");

    /// <summary>The default escaping also covers what would end a script element.</summary>
    private static string Text(string value) => JsonSerializer.Serialize(value);

    private static string Seconds(TimeSpan time) => Math.Min((long)time.TotalSeconds, int.MaxValue).ToString(CultureInfo.InvariantCulture);

    /// <summary>A gzip container with a header of zeros, so that the same script gives the same bytes everywhere.</summary>
    private static byte[] Gzip(byte[] plain)
    {
        using var target = new MemoryStream();
        target.Write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]);
        using (var deflate = new DeflateStream(target, CompressionLevel.SmallestSize, leaveOpen: true))
            deflate.Write(plain);
        Span<byte> trailer = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, Crc32.HashToUInt32(plain));
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[sizeof(uint)..], (uint)plain.Length);
        target.Write(trailer);
        return target.ToArray();
    }

    private static byte[] BrotliOf(byte[] plain)
    {
        var target = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        if (!BrotliEncoder.TryCompress(plain, target, out var length, quality: 11, window: 22))
            throw new InvalidOperationException("The largest compressed length was not enough.");
        return target[..length];
    }

    [GeneratedRegex(@"\$[A-Z_]+\$")]
    private static partial Regex SettingName();
}

/// <summary>One form of a script.</summary>
/// <param name="Bytes">What is served.</param>
/// <param name="Tag">Its entity tag without quotes.</param>
/// <param name="Encoding">The content encoding; null for the plain form.</param>
internal sealed record ScriptVariant(byte[] Bytes, string Tag, string? Encoding)
{
    public string QuotedTag { get; } = $"\"{Tag}\"";
}
