using System.Text.Json;

namespace Divolte.Frontend.Tests;

/// <summary>Recorded outputs of the collector that this one replaces, one JSON object per line.</summary>
internal static class GoldenFiles
{
    public static IEnumerable<JsonElement> Read(string name)
    {
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", name)))
            yield return JsonDocument.Parse(line).RootElement;
    }
}
