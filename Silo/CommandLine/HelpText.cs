using Divolte.Frontend.Hosting;

namespace Divolte.Silo.CommandLine;

/// <summary>What <c>--help</c> and <c>--version</c> print.</summary>
internal static class HelpText
{
    public const string Usage = """
        Divolte.Orleans: collects clickstream events and writes them to Kafka, files and object stores.

        Usage: divolte [--config FILE] [-Ddivolte.KEY=VALUE ...]   run
               divolte check [--config FILE]                       check configuration, schemas and scripts; start nothing
               divolte tag [--config FILE]                         print the script elements for pages, with integrity digests
               divolte cat FILE ...                                print Avro files as JSON lines
               divolte map --mapping FILE --schema FILE [--explain] [EVENTS]
                                                                   map recorded requests and print the records; --explain tells which line
                                                                   set which field, and why a field is absent
               divolte mapping-test --mapping FILE --schema FILE [--host NAME] [--port NUMBER]
                                                                   answer posted events with their records (localhost, port 8390)
               divolte sinks release NAME                          forget a sink that left the configuration
               divolte sinks restart NAME oldest|now               start a sink at the oldest event kept, or at now
               divolte sinks replay [NAME] [--mapping NAME] [--reason TEXT] [--dry-run]
                                                                   put dead letters back through mapping and sink; --dry-run only lists
               divolte format [raise [--force]]                    print the format in which a grid writes; raise it after an upgrade, when no
                                                                   process that the grid knows of is older
               divolte --version

        Without --config the file divolte-collector.conf in the directory DIVOLTE_CONF_DIR is read, if there is one. With no file at all the
        defaults hold: http://localhost:8290/ is a test page, and events are written to Avro files in the directory data.

        Exit codes: 0 done, 1 not started (standard error says why) or a check that failed, 2 a command line that is not understood,
                    143 stopped by SIGTERM, 130 by SIGINT, 129 by SIGHUP.
        """;

    public static string Version => ProductVersion.Text;
}
