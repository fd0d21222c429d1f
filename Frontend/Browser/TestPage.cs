using System.Text;
using System.Text.Encodings.Web;
using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Frontend.Browser;

/// <summary>A page with the tag of the first browser source, which shows its visitor what the tag sent.</summary>
/// <param name="Html">The page as UTF-8.</param>
/// <param name="LastModified">When the page last changed, in whole seconds: that of the program.</param>
internal sealed record TestPage(byte[] Html, DateTimeOffset LastModified)
{
    private const string ResourceFolder = "Divolte.Frontend.Browser.Page.";

    /// <summary>The files beside the page, by their path from the root, with their type.</summary>
    public static IReadOnlyDictionary<string, string> Files { get; } =
        new Dictionary<string, string> { ["test-page.js"] = "text/javascript; charset=utf-8", ["test-page.css"] = "text/css; charset=utf-8" };

    /// <summary>Renders the page.</summary>
    public static TestPage Of(DivolteConfiguration configuration)
    {
        var source = configuration.Sources.OfType<BrowserSourceOptions>().FirstOrDefault();
        var script = source is null ? "" : ScriptElement(source);
        var html = Encoding.UTF8.GetString(Resource("TestPage.html"))
            .Replace("$SCRIPT$", script, StringComparison.Ordinal)
            .Replace("$EVENT_SUFFIX$", HtmlEncoder.Default.Encode(source?.EventSuffix ?? ""), StringComparison.Ordinal);
        return new TestPage(Encoding.UTF8.GetBytes(html), ChangeOf(typeof(TestPage).Assembly.Location));
    }

    /// <summary>A file of the page, as it is in the program.</summary>
    public static byte[] Resource(string name)
    {
        using var resource = typeof(TestPage).Assembly.GetManifestResourceStream(ResourceFolder + name)
            ?? throw new InvalidOperationException($"The resource {name} of the test page is missing from the assembly.");
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string ScriptElement(BrowserSourceOptions source)
    {
        var path = source.Prefix.TrimEnd('/') + "/" + source.JavaScript.Name;
        return $"<script src=\"{HtmlEncoder.Default.Encode(path.StartsWith('/') ? path : "/" + path)}\" defer async></script>";
    }

    private static DateTimeOffset ChangeOf(string assemblyPath)
    {
        var changed = File.Exists(assemblyPath) ? File.GetLastWriteTimeUtc(assemblyPath) : DateTime.UnixEpoch;
        return DateTimeOffset.FromUnixTimeSeconds(new DateTimeOffset(changed).ToUnixTimeSeconds());
    }
}
