using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Frontend.Browser;

/// <summary>The tag of one browser source, rendered from the source's settings and compressed once, at start.</summary>
internal sealed class TrackingScript
{
    private const string ResourceName = "Divolte.Frontend.Browser.TrackingScript.js";

    private TrackingScript(byte[] plain)
    {
        var tag = Convert.ToBase64String(SHA256.HashData(plain));
        Plain = new ScriptVariant(plain, tag, null);
        var compressed = Compress(plain);
        Compressed = compressed.Length < plain.Length ? new ScriptVariant(compressed, "gz+" + tag, "gzip") : null;
    }

    public ScriptVariant Plain { get; }

    /// <summary>The gzip form; null when it would not be smaller.</summary>
    public ScriptVariant? Compressed { get; }

    /// <summary>Renders the tag of a source.</summary>
    public static TrackingScript Of(BrowserSourceOptions source)
    {
        using var resource = typeof(TrackingScript).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The resource {ResourceName} is missing from the assembly.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return OfText(Render(reader.ReadToEnd(), source));
    }

    internal static TrackingScript OfText(string script) => new(Encoding.UTF8.GetBytes(script));

    private static string Render(string template, BrowserSourceOptions source)
    {
        var settings = new Dictionary<string, string>
        {
            ["PARTY_COOKIE"] = Text(source.PartyCookie),
            ["PARTY_SECONDS"] = Seconds(source.PartyTimeout),
            ["SESSION_COOKIE"] = Text(source.SessionCookie),
            ["SESSION_SECONDS"] = Seconds(source.SessionTimeout),
            ["COOKIE_DOMAIN"] = Text(source.CookieDomain ?? ""),
            ["LOGGING"] = source.JavaScript.Logging ? "true" : "false",
            ["SCRIPT_NAME"] = Text(source.JavaScript.Name),
            ["EVENT_SUFFIX"] = Text(source.EventSuffix),
            ["AUTO_PAGE_VIEW"] = source.JavaScript.AutoPageViewEvent ? "true" : "false",
            ["EVENT_MILLISECONDS"] = source.JavaScript.EventTimeout.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
        };
        var script = template;
        foreach (var (name, value) in settings)
            script = script.Replace("$" + name + "$", value, StringComparison.Ordinal);
        return source.JavaScript.Debug ? script : WithoutIndentation(script);
    }

    /// <summary>The default escaping also covers what would end a script element.</summary>
    private static string Text(string value) => JsonSerializer.Serialize(value);

    private static string Seconds(TimeSpan time) => Math.Min((long)time.TotalSeconds, int.MaxValue).ToString(CultureInfo.InvariantCulture);

    private static string WithoutIndentation(string script)
    {
        var lines = script.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal));
        return string.Join('\n', lines);
    }

    /// <summary>A gzip container with a header of zeros, so that the same script gives the same bytes everywhere.</summary>
    private static byte[] Compress(byte[] plain)
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
}

/// <summary>One form of a script.</summary>
/// <param name="Bytes">What is served.</param>
/// <param name="Tag">Its entity tag without quotes.</param>
/// <param name="Encoding">The content encoding; null for the plain form.</param>
internal sealed record ScriptVariant(byte[] Bytes, string Tag, string? Encoding)
{
    public string QuotedTag { get; } = $"\"{Tag}\"";
}
