using System.Security.Cryptography;
using Divolte.Frontend.Browser;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;

namespace Divolte.Frontend.CommandLine;

/// <summary><c>tag</c>: the element that loads the tag of each browser source, with the digest by which browsers check the script. Starts nothing.</summary>
internal static class TagCommand
{
    public static int Run(ConfigurationRequest request, TextWriter output, TextWriter error)
    {
        var loaded = ConfigurationLoader.Load(request);
        if (!loaded.TryGet(out var configuration))
            return LoadedConfiguration.PrintMistakes(loaded, error);
        foreach (var source in configuration.Sources.OfType<BrowserSourceOptions>())
            Print(source, configuration.Global.Grid.DuplicateWindow, output);
        return 0;
    }

    private static void Print(BrowserSourceOptions source, TimeSpan duplicateWindow, TextWriter output)
    {
        var script = TrackingScript.Of(source, duplicateWindow);
        var path = "/" + (source.Prefix.Trim('/') + "/" + source.JavaScript.Name).TrimStart('/');
        var digest = "sha384-" + Convert.ToBase64String(SHA384.HashData(script.Plain.Bytes));
        var sizes = new[] { script.Plain, script.Compressed, script.Brotli }.OfType<ScriptVariant>().Select(variant => $"{variant.Encoding ?? "plain"} {variant.Bytes.Length}");
        output.WriteLine($"{source.Name}: {path}, bytes: {string.Join(", ", sizes)}");
        output.WriteLine($"  integrity {digest}");
        output.WriteLine($"  <script src=\"//HOST{path}\" integrity=\"{digest}\" crossorigin=\"anonymous\" defer async></script>");
    }
}
