using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.TestKit.Wire;
using Xunit;

namespace Divolte.Frontend.Tests.Wire;

/// <summary>Every recorded request, with what was recorded of its answer and its event as far as a frontend decides it.</summary>
public sealed class GoldenWireTests
{
    private static readonly Dictionary<string, string> Environment = new() { ["WIRE_PORT"] = "0", ["WIRE_KAFKA"] = "localhost:1", ["WIRE_TOPIC"] = "wire" };

    /// <summary>Those of a delayed answer would make this test wait; they are replayed against the whole program.</summary>
    public static TheoryData<string, bool> Configurations()
    {
        var data = new TheoryData<string, bool>();
        foreach (var name in Cases().Select(wireCase => wireCase.Configuration).Distinct().Where(name => name != "delayed"))
        {
            data.Add(name, true);
            data.Add(name, false);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task RecordedCases_AreAnsweredAlike(string configuration, bool hasFastPath)
    {
        var request = new ConfigurationRequest { ConfigFile = GoldenFiles.PathOf($"configs/{configuration}.conf"), Environment = Environment };
        var loaded = ConfigurationLoader.Load(request);
        Assert.NotNull(loaded.Configuration);
        await using var frontend = await RunningFrontend.StartAsync(loaded.Configuration, hasFastPath: hasFastPath);
        var document = await File.ReadAllTextAsync(GoldenFiles.PathOf("../differences.md"), TestContext.Current.CancellationToken);
        var unexplained = new List<string>();

        foreach (var wireCase in Cases().Where(wireCase => wireCase.Configuration == configuration))
        {
            var differences = await new WireReplay(frontend, wireCase, RawConnection.Patience).RunAsync();
            unexplained.AddRange(WireRule.Unexplained(wireCase, differences, document, new HashSet<string>()).Select(difference => $"{wireCase}: {difference}"));
        }

        Assert.True(unexplained.Count == 0, string.Join('\n', unexplained));
    }

    private static IEnumerable<WireCase> Cases() => WireCase.ReadAll(GoldenFiles.PathOf("wire-cases.jsonl.gz"));
}
