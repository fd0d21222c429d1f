using Divolte.TestKit.Processes;
using Divolte.TestKit.Wire;

namespace Divolte.Integration.Tests.Wire;

/// <summary>
/// What Divolte Collector was recorded to answer and to deliver, byte for byte, replayed against the whole program with a real broker. A difference is
/// accepted only under a rule of <c>docs/differences.md</c>.
/// </summary>
[Trait("Needs", "Kafka")]
public sealed class RecordedWireTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "docs", "differences.md"));

    [Fact]
    public async Task SampleOfTheRecordedCases_IsAlike()
    {
        var (unexplained, _) = await ReplayAsync((wireCase, number) => wireCase.Configuration switch
        {
            "multi" => true,
            "browser" or "json" => number % 12 == 0 && !wireCase.Connections.Any(steps => steps.Any(step => step.TryGetProperty("waitedMs", out _))),
            _ => false,
        });

        Assert.True(unexplained.Count == 0, string.Join('\n', unexplained));
    }

    [Fact]
    [Trait("Duration", "Long")]
    public async Task EveryRecordedCase_IsAlikeAndEveryRuleIsNeeded()
    {
        var (unexplained, used) = await ReplayAsync((_, _) => true);

        Assert.True(unexplained.Count == 0, string.Join('\n', unexplained));
        Assert.Equal(WireRule.All.Select(rule => rule.Number).Distinct().Order(), used.Order());
    }

    private static async Task<(IReadOnlyList<string> Unexplained, IReadOnlySet<string> Used)> ReplayAsync(Func<WireCase, int, bool> isChosen)
    {
        using var kafka = await KafkaBroker.StartOrSkipAsync(TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        var chosen = WireCase.ReadAll(Path.Combine(RecordedRun.Folder, "wire-cases.jsonl.gz")).Where(isChosen).GroupBy(wireCase => wireCase.Configuration);
        var unexplained = new List<string>();
        var used = new HashSet<string>();
        foreach (var configuration in chosen)
        {
            await using var run = await RecordedRun.StartAsync(configuration.Key, kafka.Bootstrap, folder);
            var counts = new Dictionary<string, int>();
            foreach (var wireCase in configuration)
            {
                var differences = await run.PlayAsync(wireCase);
                unexplained.AddRange(WireRule.Unexplained(wireCase, differences, Document, used).Select(difference => $"{wireCase}: {difference}"));
                counts[wireCase.Name] = run.CountOf(wireCase.Name);
            }
            // A case that a rule answers in another way than was recorded may have events that nobody waited for.
            foreach (var late in (await run.LateAsync(counts)).Select(name => configuration.Single(wireCase => wireCase.Name == name)))
            {
                unexplained.AddRange(
                    WireRule.Unexplained(late, [new WireDifference("events", "none later", "some later")], Document, used).Select(difference => $"{late}: {difference}"));
            }
        }
        return (unexplained, used);
    }
}
