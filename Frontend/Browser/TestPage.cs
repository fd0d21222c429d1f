using System.Text;
using System.Text.Encodings.Web;
using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Frontend.Browser;

/// <summary>A page with the tag of the first browser source, which shows its visitor what the tag sent.</summary>
/// <param name="Html">The page as UTF-8.</param>
/// <param name="LastModified">When the page last changed, in whole seconds: that of the program.</param>
internal sealed record TestPage(byte[] Html, DateTimeOffset LastModified)
{
    private const string ResourceName = "Divolte.Frontend.Browser.TestPage.html";

    /// <summary>Renders the page.</summary>
    public static TestPage Of(DivolteConfiguration configuration)
    {
        var assembly = typeof(TestPage).Assembly;
        using var resource = assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The resource {ResourceName} is missing from the assembly.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        var source = configuration.Sources.OfType<BrowserSourceOptions>().FirstOrDefault();
        var script = source is null ? "" : ScriptElement(source);
        var html = reader.ReadToEnd()
            .Replace("$SCRIPT$", script, StringComparison.Ordinal)
            .Replace("$EVENT_SUFFIX$", JavaScriptEncoder.Default.Encode(source?.EventSuffix ?? ""), StringComparison.Ordinal);
        return new TestPage(Encoding.UTF8.GetBytes(html), ChangeOf(assembly.Location));
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
