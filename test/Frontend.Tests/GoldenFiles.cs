using System.IO.Compression;
using System.Text.Json;

namespace Divolte.Frontend.Tests;

/// <summary>Recorded outputs of the collector that this one replaces, one JSON object per line.</summary>
internal static class GoldenFiles
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);

    public static IEnumerable<JsonElement> Read(string name)
    {
        using var file = File.OpenRead(PathOf(name));
        using var reader = new StreamReader(name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file);
        while (reader.ReadLine() is { } line)
            yield return JsonDocument.Parse(line).RootElement;
    }
}
