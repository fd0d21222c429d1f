using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Frontend.Tests.Wire;

/// <summary>Every recorded request, with what was recorded of its answer and its event as far as a frontend decides it.</summary>
public sealed class GoldenWireTests
{
    private static readonly Dictionary<string, string> Environment = new() { ["WIRE_PORT"] = "0", ["WIRE_KAFKA"] = "localhost:1", ["WIRE_TOPIC"] = "wire" };

    public static TheoryData<string> Configurations() =>
        [.. GoldenFiles.Read("wire-cases.jsonl.gz").Select(WireCase.Parse).Where(IsReplayed).Select(wireCase => wireCase.Configuration).Distinct()];

    /// <summary>Cases that differ on purpose, by the rule in <c>docs/differences.md</c> that says why.</summary>
    private static readonly Dictionary<string, string[]> Accepted = new()
    {
        ["W-1"] =
        [
            "checksum-text-four-byte-after-ascii", "checksum-text-four-byte-last-plane", "checksum-text-four-byte-at-end-of-event-type",
            "event-parameters-emoji", "event-type-emoji", "party-id-unique-emoji", "session-id-unique-emoji", "referer-parameter-emoji-path",
            "event-type-raw-four-byte-emoji",
        ],
        ["W-2"] = ["cookie-latin-one"],
        ["W-3"] =
        [
            "event-type-raw-raw-latin-one", "event-type-raw-raw-high-byte", "event-type-raw-raw-blank", "http-one-one-two-hosts", "http-two-version-short",
            "http-garbage-version", "http-garbage-bytes", "http-content-length-negative", "json-content-length-above-long", "json-content-length-twice-same",
        ],
        ["W-4"] =
        [
            "event-path-null-in-path", "http-one-one-odd-host", "http-header-without-colon", "http-header-empty-name", "http-header-leading-blank-first",
            "http-header-bare-carriage-return", "json-http-one-zero-no-length", "json-chunked-size-too-small",
        ],
        ["W-5"] = ["http-leading-empty-lines", "json-content-length-plus-sign"],
        ["W-6"] = ["http-one-one-connection-list-close", "json-http-one-zero", "json-expect-continue", "json-expect-continue-body-at-once"],
        ["W-7"] = ["http-headers-above-one-megabyte"],
        ["W-8"] = ["debug-requests-event", "debug-requests-event-corrupt", "debug-requests-json", "debug-requests-event-cookie"],
        ["W-9"] = ["forwarded-only-comma", "forwarded-trailing-comma", "forwarded-trailing-comma-blank", "forwarded-localhost-name"],
        ["W-10"] = ["collide-script-get"],
    };

    /// <summary>Cases of a shutdown have no plain connections; those of a delayed answer would make this test wait.</summary>
    private static bool IsReplayed(WireCase wireCase) => wireCase.Connections.Count > 0 && wireCase.Configuration != "delayed";

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task RecordedCases_AreAnsweredAlike(string configuration)
    {
        var request = new ConfigurationRequest { ConfigFile = GoldenFiles.PathOf($"configs/{configuration}.conf"), Environment = Environment };
        var loaded = ConfigurationLoader.Load(request);
        Assert.NotNull(loaded.Configuration);
        await using var frontend = await RunningFrontend.StartAsync(loaded.Configuration);
        var accepted = Accepted.Values.SelectMany(names => names).ToHashSet();
        var unexpected = new List<string>();

        foreach (var wireCase in GoldenFiles.Read("wire-cases.jsonl.gz").Select(WireCase.Parse).Where(wireCase => wireCase.Configuration == configuration))
        {
            // Where the server is known to do something else, waiting long for the recorded outcome teaches nothing.
            var patience = accepted.Contains(wireCase.Name) ? TimeSpan.FromMilliseconds(200) : RawConnection.Patience;
            var differences = await new WireReplay(frontend, wireCase, patience).RunAsync();
            if (accepted.Contains(wireCase.Name) && differences.Count == 0)
                unexpected.Add($"{wireCase.Name}: is listed as different, but is alike");
            if (!accepted.Contains(wireCase.Name))
                unexpected.AddRange(differences.Select(difference => $"{wireCase.Group}/{wireCase.Name}: {difference}"));
        }

        Assert.True(unexpected.Count == 0, string.Join('\n', unexpected));
    }

    [Fact]
    public void AcceptedDifferences_HaveTheirRuleInTheDocument()
    {
        var document = File.ReadAllText(GoldenFiles.PathOf("../differences.md"));

        Assert.All(Accepted.Keys, rule => Assert.Contains($"**{rule}**", document, StringComparison.Ordinal));
    }
}
