using System.IO.Compression;
using System.Text.Json;

namespace Divolte.Grains.Tests.Mapping.Golden;

/// <summary>The recorded scripts, schemas, events and records, unpacked from the archive beside the tests.</summary>
internal sealed class Recordings
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    private Recordings()
    {
        using var archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Mapping", "Golden", "recordings.zip"));
        foreach (var entry in archive.Entries)
        {
            using var stream = entry.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            _files[entry.FullName] = copy.ToArray();
        }
    }

    public static readonly Recordings All = new();

    public IEnumerable<string> Suites => _files.Keys.Where(name => name.EndsWith("/suite.json", StringComparison.Ordinal)).Select(name => name.Split('/')[1]);

    public byte[] Bytes(string path) => _files[path];

    public string Text(string path) => System.Text.Encoding.UTF8.GetString(_files[path]);

    public IEnumerable<JsonElement> Lines(string path) => Text(path).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement);

    public IEnumerable<string> MappingsOf(string suite) => _files.Keys
        .Where(name => name.StartsWith($"suites/{suite}/mappings/", StringComparison.Ordinal))
        .Select(name => Path.GetFileNameWithoutExtension(name));
}
