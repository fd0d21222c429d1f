using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Grains.Journal.State;

/// <summary>The file <c>meta</c>: what a journal keeps for its whole life, and its incarnation. JSON, so that an operator can read it.</summary>
/// <param name="Parameters">The parameters of the first start.</param>
/// <param name="Incarnation">See <see cref="IJournal.Incarnation"/>.</param>
internal sealed record StoredParameters(JournalParameters Parameters, long Incarnation)
{
    /// <summary>Version of all files of the journal together.</summary>
    public const int Format = 1;

    private const string Name = "meta";
    private const string TemporaryName = "meta.tmp";
    private const int LengthMax = 64 * 1024;

    /// <summary>Reads the file.</summary>
    /// <returns>Null when it is missing or damaged: the segments know the same.</returns>
    /// <exception cref="JournalException">A later release wrote it.</exception>
    public static StoredParameters? Read(IStableFiles files)
    {
        if (!files.List().Contains(Name))
            return null;
        using var file = files.Open(Name);
        var bytes = new byte[Math.Min(file.Length, LengthMax)];
        var length = file.Read(bytes, 0);
        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(0, length));
            var root = document.RootElement;
            var format = root.GetProperty("format").GetInt32();
            if (format > Format)
                throw new JournalException($"The journal in {files.Directory} has format {format}; this release reads format {Format}.");
            var stored = new StoredParameters(
                new JournalParameters(
                    root.GetProperty("shards").GetInt32(),
                    root.GetProperty("queues").GetInt32(),
                    root.GetProperty("route_by").GetString() ?? ""),
                root.GetProperty("incarnation").GetInt64());
            return root.GetProperty("checksum").GetString() == stored.Checksum ? stored : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Replaces the file in one step, synced.</summary>
    public void Write(IStableFiles files)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteNumber("shards", Parameters.Shards);
            json.WriteNumber("queues", Parameters.Queues);
            json.WriteString("route_by", Parameters.RouteBy);
            json.WriteNumber("incarnation", Incarnation);
            json.WriteString("checksum", Checksum);
            json.WriteEndObject();
        }
        using (var file = files.Create(TemporaryName, 0))
        {
            file.Write([stream.ToArray()], 0);
            file.Sync();
        }
        files.Rename(TemporaryName, Name);
        files.SyncDirectory();
    }

    /// <summary>Refuses parameters that differ from the stored ones: events would go to other shards than their marks.</summary>
    /// <exception cref="JournalException">They differ; the message names both values.</exception>
    public void Check(JournalParameters asked, string directory)
    {
        CheckOne("divolte.global.grid.shards", Parameters.Shards, asked.Shards, directory);
        CheckOne("divolte.global.grid.queues", Parameters.Queues, asked.Queues, directory);
        CheckOne("divolte.global.grid.route_by", Parameters.RouteBy, asked.RouteBy, directory);
    }

    /// <summary>A digit that turned into another one must not look like other parameters.</summary>
    private string Checksum
    {
        get
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{Format} {Parameters.Shards} {Parameters.Queues} {Parameters.RouteBy} {Incarnation}");
            return XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text)).ToString("x16", CultureInfo.InvariantCulture);
        }
    }

    private static void CheckOne<T>(string key, T stored, T asked, string directory)
        where T : IEquatable<T>
    {
        if (!stored.Equals(asked))
            throw new JournalException($"The journal in {directory} was made with {key} = {stored}, the configuration says {asked}. Set it back, or start with an empty directory.");
    }
}
