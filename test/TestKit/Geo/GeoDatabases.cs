using System.IO.Compression;
using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.TestKit.Geo;

/// <summary>The databases beside this file.</summary>
public static class GeoDatabases
{
    /// <summary>The one that recordings were made with.</summary>
    public static string City { get; } = PathOf("GeoIP2-City-Test.mmdb");

    public static string PathOf(string name) => Path.Combine(RepositoryPaths.Root, "test", "TestKit", "Geo", "Databases", name);

    /// <summary>The networks of <see cref="City"/> and the records that they were given.</summary>
    public static IReadOnlyList<(string Network, JsonElement Record)> CityNetworks()
    {
        using var packed = File.OpenRead(PathOf("GeoIP2-City-Test.json.gz"));
        using var file = new GZipStream(packed, CompressionMode.Decompress);
        return [.. JsonDocument.Parse(file).RootElement.EnumerateArray().SelectMany(entry => entry.EnumerateObject()).Select(entry => (entry.Name, entry.Value))];
    }
}
