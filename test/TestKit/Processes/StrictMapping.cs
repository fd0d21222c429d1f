namespace Divolte.TestKit.Processes;

/// <summary>
/// A configuration with two file sinks: <c>plain</c> takes every page view; <c>strict</c> wants a referrer, so page views without one become dead letters,
/// until its script is mended.
/// </summary>
public sealed class StrictMapping
{
    private const string Fields = """
        mapping {
          map duplicate() onto 'detectedDuplicate'
          map location() onto 'location'
          map partyId() onto 'partyId'
          map referer() onto 'referer'

        """;

    private readonly TemporaryFolder _folder;

    public StrictMapping(TemporaryFolder folder)
    {
        _folder = folder;
        folder.Write("strict.groovy", Fields + "}");
        folder.Write("strict.avsc", """
            { "type": "record", "name": "Strict", "namespace": "test", "fields": [
              { "name": "detectedDuplicate", "type": "boolean" }, { "name": "location", "type": "string" },
              { "name": "partyId", "type": "string" }, { "name": "referer", "type": "string" } ] }
            """);
        Configuration = folder.Write("divolte-collector.conf", $$"""
            divolte {
              sources { browser { type = browser } }
              sinks {
                strict { {{FilesIn("strict")}} }
                plain { {{FilesIn("plain")}} }
              }
              mappings {
                strict { sources = [browser], sinks = [strict], schema_file = "{{Path.Combine(folder.Path, "strict.avsc")}}", mapping_script_file = "{{Path.Combine(folder.Path, "strict.groovy")}}" }
                plain { sources = [browser], sinks = [plain] }
              }
            }
            """);
    }

    /// <summary>Path of the configuration file.</summary>
    public string Configuration { get; }

    /// <summary>Where a sink publishes.</summary>
    public string PublishedOf(string sink) => _folder.Below(sink, "published");

    /// <summary>From the next start on, page views without a referrer are mapped too.</summary>
    public void Mend() => _folder.Write("strict.groovy", Fields + "  when referer().isAbsent() apply { map 'none' onto 'referer' }\n}");

    private string FilesIn(string sink) =>
        $$"""
        type = hdfs, replication = 1
        file_strategy { working_dir = "{{_folder.Below(sink, "working")}}", publish_dir = "{{PublishedOf(sink)}}", roll_every = 1 second, sync_file_after_duration = 200 milliseconds }
        """;
}
