using System.Net;
using System.Net.Http.Headers;
using Avro.File;
using Avro.Generic;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Integration.Tests.Single;

/// <summary>Configurations of the kinds that installations of the collector have: they start as they are and do what they say, or say why not.</summary>
public sealed class ExistingInstallationTests
{
    private const string Party = "0:i1t84hgy:installationinstallationinstal00";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const string Schema = """
        {"type": "record", "name": "Click", "namespace": "shop", "fields": [
          {"name": "location", "type": ["null", "string"], "default": null},
          {"name": "partyId", "type": "string"},
          {"name": "detectedDuplicate", "type": "boolean"},
          {"name": "remote", "type": ["null", "string"], "default": null},
          {"name": "kind", "type": "string", "default": "none"}]}
        """;

    private const string Mapping = """
        mapping {
          map location() onto 'location'
          map partyId() onto 'partyId'
          map duplicate() onto 'detectedDuplicate'
          map remoteHost() onto 'remote'
          map eventType() onto 'kind'
        }
        """;

    /// <summary>A container image: one file for all, everything that differs in variables, the folder of the configuration named by one of them.</summary>
    [Fact]
    public async Task ContainerImage_TakesItsSettingsFromVariables()
    {
        using var folder = new TemporaryFolder();
        folder.Below("conf");
        folder.Write("conf/divolte-collector.conf", """
            divolte {
              global {
                server {
                  host = 0.0.0.0
                  host = ${?DIVOLTE_HOST}
                  port = 8290
                  port = ${?DIVOLTE_PORT}
                  use_x_forwarded_for = false
                  use_x_forwarded_for = ${?DIVOLTE_USE_XFORWARDED_FOR}
                  serve_static_resources = true
                  serve_static_resources = ${?DIVOLTE_SERVICE_STATIC_RESOURCES}
                }
                hdfs { enabled = false, enabled = ${?DIVOLTE_HDFS_ENABLED}, threads = 1, buffer_size = 1048576 }
                kafka {
                  enabled = true
                  enabled = ${?DIVOLTE_KAFKA_ENABLED}
                  producer = {
                    bootstrap.servers = ["localhost:9092"]
                    bootstrap.servers = ${?DIVOLTE_KAFKA_BROKER_LIST}
                    acks = 1
                    sasl.jaas.config = ""
                    sasl.jaas.config = ${?KAFKA_SASL_JAAS_CONFIG}
                  }
                }
              }
              sources {
                shop {
                  type = browser
                  event_suffix = event
                  party_cookie = _dvp
                  party_cookie = ${?DIVOLTE_PARTY_COOKIE}
                  party_timeout = 730 days
                  session_timeout = 30 minutes
                  session_timeout = ${?DIVOLTE_SESSION_TIMEOUT}
                  cookie_domain = ''
                  javascript {
                    name = divolte.js
                    name = ${?DIVOLTE_JAVASCRIPT_NAME}
                    logging = false
                    debug = False
                    auto_page_view_event = true
                  }
                }
              }
              sinks {
                divolte_kafka_sink { type = kafka, topic = divolte, topic = ${?DIVOLTE_KAFKA_TOPIC} }
                divolte_hdfs_sink {
                  type = hdfs
                  replication = 1
                  file_strategy {
                    sync_file_after_records = 1000
                    sync_file_after_duration = 30 minutes
                    sync_file_after_duration = ${?DIVOLTE_HDFS_SINK_SYNC_DURATION}
                    roll_every = 1 second
                    working_dir = /tmp/working
                    working_dir = ${?DIVOLTE_HDFS_SINK_WORKING_DIR}
                    publish_dir = /tmp/processed
                    publish_dir = ${?DIVOLTE_HDFS_SINK_PUBLISH_DIR}
                  }
                }
              }
              mappings {
                shop_mapping = {
                  schema_file = ${DIVOLTE_CONF_DIR}/Click.avsc
                  mapping_script_file = ${DIVOLTE_CONF_DIR}"/mapping.groovy"
                  sources = [shop]
                  sinks = [divolte_kafka_sink, divolte_hdfs_sink]
                }
              }
            }
            """.ReplaceLineEndings("\r\n")); // an editor on Windows
        folder.Write("conf/Click.avsc", Schema);
        folder.Write("conf/mapping.groovy", Mapping);
        var settings = Settings(folder) with
        {
            Environment = new Dictionary<string, string>
            {
                ["DIVOLTE_CONF_DIR"] = folder.Below("conf"),
                ["DIVOLTE_HOST"] = "127.0.0.1",
                ["DIVOLTE_USE_XFORWARDED_FOR"] = "true",
                ["DIVOLTE_HDFS_ENABLED"] = "true",
                ["DIVOLTE_KAFKA_ENABLED"] = "false",
                ["DIVOLTE_SESSION_TIMEOUT"] = "45 minutes",
                ["DIVOLTE_JAVASCRIPT_NAME"] = "shop.js",
                ["DIVOLTE_PARTY_COOKIE"] = "_shop",
                ["DIVOLTE_HDFS_SINK_SYNC_DURATION"] = "200", // without unit: milliseconds, as it is a text
                ["DIVOLTE_HDFS_SINK_WORKING_DIR"] = folder.Below("working"),
                ["DIVOLTE_HDFS_SINK_PUBLISH_DIR"] = folder.Below("published"),
            },
        };
        await using var silo = await SingleSilo.StartAsync(folder, settings);

        using var script = await silo.GetAsync(silo.Public("/shop.js"));
        using var request = new HttpRequestMessage(HttpMethod.Get, silo.Public(Event("/event", 1)));
        request.Headers.Add("X-Forwarded-For", "203.0.113.9, 198.51.100.7");
        using var answer = await silo.SendAsync(request);

        var text = await script.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"_shop\"", text, StringComparison.Ordinal);
        Assert.Contains("2700", text, StringComparison.Ordinal); // 45 minutes
        Assert.Contains("domain=\\u0027\\u0027", text, StringComparison.Ordinal); // the collector wrote the quotes, too
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(await silo.WaitForRecordsAsync(1));
        var record = Assert.Single(Records(folder.Below("published")));
        Assert.Equal(("198.51.100.7", "pageView", "Click"), (record["remote"], record["kind"], record.Schema.Name));
        Assert.Contains("divolte.sources.shop.cookie_domain", silo.Process.Output, StringComparison.Ordinal);
    }

    /// <summary>Several sites and an app, crossed mappings, one source that nobody maps and one mapping that nobody feeds.</summary>
    [Fact]
    public async Task SeveralSourcesMappingsAndSinks_GoTheirCrossedWays()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Click.avsc", Schema);
        folder.Write("mapping.groovy", Mapping);
        var sinks = string.Join('\n', new[] { "everything", "clicks", "good" }.Select(name => $$"""
            {{name}} {
              type = hdfs
              file_strategy {
                working_dir = "{{folder.Below("working")}}", publish_dir = "{{folder.Below(name)}}"
                roll_every = 1 second, sync_file_after_duration = 100 ms
              }
            }
            """));
        var configuration = folder.Write("divolte-collector.conf", $$"""
            divolte.sources {
              shop { type = browser, prefix = /shop }
              blog { type = browser, prefix = "blog/", event_suffix = e, javascript.name = tag.js }
              app  { type = json, event_path = mobile/event, party_id_parameter = visitor, maximum_body_size = 10000 }
              unmapped { type = browser, prefix = /unmapped }
            }
            divolte {
              sinks {
                {{sinks}}
              }
              mappings {
                all    { sources = [shop, blog, app], sinks = [everything] }
                clicks { sources = [shop], sinks = [clicks], schema_file = Click.avsc, mapping_script_file = mapping.groovy }
                good   { sources = [shop, blog], sinks = [good], discard_corrupted = true, discard_duplicates = true }
                nobody { sources = [], sinks = [everything] }
              }
            }
            """);
        await using var silo = await SingleSilo.StartAsync(folder, Settings(folder, "--config", configuration));

        Assert.Equal(200, await GetAsync(silo, Event("/shop/csc-event", 1)));
        Assert.Equal(200, await GetAsync(silo, Event("/shop/csc-event", 1)));
        Assert.Equal(200, await GetAsync(silo, Event("/blog/e", 2)));
        Assert.Equal(200, await GetAsync(silo, Event("/blog/e", 3) + "0"));
        Assert.Equal(200, await GetAsync(silo, Event("/unmapped/csc-event", 4)));
        Assert.Equal(204, await PostAsync(silo, $"/mobile/event?visitor={Party}", 5));
        Assert.Equal(404, await GetAsync(silo, Event("/csc-event", 6)));
        Assert.Equal(200, await GetAsync(silo, "/shop/divolte.js"));
        Assert.Equal(200, await GetAsync(silo, "/blog/tag.js"));
        Assert.Equal(404, await GetAsync(silo, "/divolte.js"));
        Assert.Equal(143, await silo.Process.StopAsync(Patience));

        Assert.Equal(5, Records(folder.Below("everything")).Count);
        Assert.Equal([false, true], Records(folder.Below("clicks")).Select(record => record["detectedDuplicate"]));
        Assert.Equal([1L, 2L], DeliveredFiles.Read(folder.Below("good")).Select(record => record.Number).Order());
        Assert.Contains("divolte.sources.unmapped: no mapping takes its events", silo.Process.Output, StringComparison.Ordinal);
        Assert.Contains("divolte.mappings.nobody.sources: no source feeds this mapping", silo.Process.Output, StringComparison.Ordinal);
    }

    /// <summary>What this release does not have yet is said, all at once, and never half started.</summary>
    [Fact]
    public async Task DestinationsThatAreNotAvailableYet_AreNamedEach()
    {
        using var folder = new TemporaryFolder();
        var configuration = folder.Write("divolte-collector.conf", """
            divolte {
              global {
                hdfs.client { fs.defaultFS = "hdfs://name-node:8020" }
                gcs.enabled = true
                gcps { enabled = true, project_id = shop }
              }
              sinks {
                cluster { type = hdfs }
                bucket { type = gcs, bucket = clicks }
                messages { type = gcps, topic = clicks }
              }
              mappings.all { sources = [browser], sinks = [cluster, bucket, messages] }
            }
            """);
        await using var process = SiloProcess.Launch(Settings(folder, "--config", configuration));

        Assert.Equal(1, await process.WaitForExitAsync(Patience));

        Assert.Contains("not started", process.Output, StringComparison.Ordinal);
        Assert.Contains("fs.defaultFS = hdfs://name-node:8020, but this release", process.Output, StringComparison.Ordinal);
        Assert.Contains("divolte.sinks.bucket: this release", process.Output, StringComparison.Ordinal);
        Assert.Contains("divolte.sinks.messages: this release", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
    }

    /// <summary>The same destinations in a file that does not use them are no obstacle: their kind is off, or no mapping names them.</summary>
    [Fact]
    public async Task DestinationsThatAreNotUsed_AreNoObstacleAndOldLibraryOptionsCount()
    {
        using var folder = new TemporaryFolder();
        folder.Write("common.conf", """
            divolte.global.gcs.enabled = true
            divolte.sinks { bucket { type = gcs, bucket = clicks }, messages { type = gcps } }
            """);
        folder.Write("local.properties", "divolte.sources.site.type=browser\ndivolte.sources.site.event_suffix=from-properties\n");
        var configuration = folder.Write("divolte-collector.conf", $$"""
            include classpath("reference.conf")
            include "common"
            include "missing.conf"
            include file("{{folder.Path}}/local.properties")
            divolte {
              sinks.files { type = hdfs, file_strategy {
                working_dir = "{{folder.Below("working")}}", publish_dir = "{{folder.Below("published")}}", roll_every = 1 s, sync_file_after_duration = 100 ms } }
            }
            names = [site]
            divolte.mappings.all { sources = [], sources = ${names}, sinks += files, sinks += messages }
            """);
        await using var silo = await SingleSilo.StartAsync(folder, Settings(folder, "--config", configuration, "-Ddivolte.global.server.serve_static_resources=false") with
        {
            Environment = new Dictionary<string, string>
            {
                ["DIVOLTE_JAVA_OPTS"] = "-Xmx512m -XX:+UseG1GC -Djava.awt.headless=true -Ddivolte.sources.site.event_suffix=collect",
            },
        });

        Assert.Equal(200, await GetAsync(silo, Event("/collect", 1)));
        Assert.Equal(404, await GetAsync(silo, Event("/from-properties", 2)));
        Assert.Equal(404, await GetAsync(silo, "/"));

        Assert.Equal(1, Assert.Single(await silo.WaitForRecordsAsync(1)).Number);
    }

    /// <summary>Producer properties that the sink's promise overrules are told in one line, and the process serves although no broker is there.</summary>
    [Fact]
    public async Task OverruledProducerProperties_AreToldOnce()
    {
        using var folder = new TemporaryFolder();
        var configuration = folder.Write("divolte-collector.conf", """
            divolte {
              global {
                hdfs.enabled = false
                kafka {
                  enabled = true
                  producer = {
                    bootstrap.servers = "127.0.0.1:1"
                    client.id = divolte.collector
                    acks = 0
                    retries = 5
                    compression.type = gzip
                    max.in.flight.requests.per.connection = 1
                    key.serializer = "org.apache.kafka.common.serialization.ByteArraySerializer"
                    group.id = shop
                  }
                }
              }
              sinks { one { type = kafka, topic = a }, two { type = kafka, topic = b } }
            }
            """);
        await using var silo = await SingleSilo.StartAsync(folder, Settings(folder, "--config", configuration));

        Assert.Equal(200, await GetAsync(silo, Event("/csc-event", 1)));

        var warnings = silo.Process.Output.Split('\n').Where(line => line.Contains("divolte.global.kafka.producer", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, warnings.Count);
        Assert.Contains(
            "overruled by the sinks 'one', 'two': acks = 0 (used instead: all), retries = 5 (used instead: 2147483647), key.serializer = "
            + "org.apache.kafka.common.serialization.ByteArraySerializer (used instead: the party id as UTF-8)",
            warnings[0],
            StringComparison.Ordinal);
        Assert.Contains("group.id is ignored", warnings[1], StringComparison.Ordinal);
    }

    /// <summary>Layouts from before the collector's version 0.4 were refused by the collector, too: here with every key that is not known any more.</summary>
    [Fact]
    public async Task LayoutOfTheFirstReleases_IsRefusedWithEveryKeyThatIsGone()
    {
        using var folder = new TemporaryFolder();
        var configuration = folder.Write("divolte-collector.conf", """
            divolte {
              server { host = 0.0.0.0, port = 8290 }
              tracking { cookie_domain = .example.com, schema_file = "/etc/Event.avsc" }
              kafka_flusher { enabled = true }
              global.server.prot = 8290
            }
            """);
        await using var process = SiloProcess.Launch(Settings(folder, "--config", configuration));

        Assert.Equal(1, await process.WaitForExitAsync(Patience));

        Assert.All(
            ["\"server\"", "\"tracking\"", "\"kafka_flusher\"", "\"global.server.prot\"", "divolte-collector.conf: 2", "divolte-collector.conf: 5", "nothing was started"],
            text => Assert.Contains(text, process.Output, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Below("data")));
    }

    /// <param name="folder">Folder of the test.</param>
    /// <param name="arguments">The command line; an answer may take longer than on a server, because the machine of a test run is busy.</param>
    private static SiloProcessSettings Settings(TemporaryFolder folder, params string[] arguments) => new()
    {
        DataDirectory = folder.Below("data"),
        WorkingDirectory = folder.Path,
        Arguments = [.. arguments, "-Ddivolte.global.grid.answer_timeout=20 seconds"],
    };

    private static string Event(string path, long number) => Beacon.PageView(path, Party, "0:i1t84hgy:sessionsessionsessionsessionse00", number, 1732320000000).Target;

    private static async Task<int> GetAsync(SingleSilo silo, string target)
    {
        using var answer = await silo.GetAsync(silo.Public(target));
        return (int)answer.StatusCode;
    }

    private static async Task<int> PostAsync(SingleSilo silo, string target, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, silo.Public(target))
        {
            Content = new StringContent($$"""
                {"session_id":"0:i1t84hgy:app","event_id":"app-{{number}}","is_new_party":false,"is_new_session":true,
                 "client_timestamp_iso":"2026-11-24T12:00:00Z","parameters":{"padding":"{{new string('x', 5000)}}"} }
                """, new MediaTypeHeaderValue("application/json")),
        };
        using var answer = await silo.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private static List<GenericRecord> Records(string directory)
    {
        var records = new List<GenericRecord>();
        foreach (var file in Directory.GetFiles(directory, "*.avro").Order(StringComparer.Ordinal))
        {
            using var reader = DataFileReader<GenericRecord>.OpenReader(file);
            while (reader.HasNext())
                records.Add(reader.Next());
        }
        return records;
    }
}
