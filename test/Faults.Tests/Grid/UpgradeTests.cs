using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>
/// Two releases in one cluster, under load: one replaces the other, process by process, and the way back. The newer one is a build of the same source with
/// formats that the older one cannot read, and contracts with members that it does not know, see <c>GridFormat</c>.
/// </summary>
public sealed class UpgradeTests(ITestOutputHelper output)
{
    private const int EventsBetween = 1000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task SilosReplacedOneByOneAndBackAgain_LoseNothing()
    {
        var next = NextRelease.FindOrSkip();
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 3, output, Cancellation);
        var load = new GridLoad(sent => grid.NewFleet(sent, events: 1_000_000, seed: 41), Cancellation);
        await load.WaitForEventsAsync(EventsBetween);

        await ReplaceSilosAsync(grid, next.Silo, load);
        output.WriteLine($"all silos are of the next release: {load.Describe()}");
        await AssertFormatAsync(redis, expected: 1);
        await ReplaceSilosAsync(grid, RepositoryPaths.SiloProgram, load);
        await load.EndAsync();

        output.WriteLine($"and back: {load.Describe()}");
        await AssertFormatAsync(redis, expected: 1);
        Assert.All(grid.Silos, silo => Assert.DoesNotContain("cannot read", silo.Output, StringComparison.Ordinal));
        await grid.VerifyAsync(grid.Silos[^1], load.Sent, Cancellation);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task FrontendsAndSilosOfTwoReleases_LoseNothing()
    {
        var next = NextRelease.FindOrSkip();
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation, http: "off");
        await using var frontends = new FrontendGroup(grid, output);
        await frontends.StartAsync("a", Cancellation);
        await frontends.StartAsync("b", Cancellation, next.Frontend); // before the silos: any order will do
        var load = new GridLoad(sent => frontends.NewFleet(sent, events: 1_000_000, seed: 42), Cancellation);
        await load.WaitForEventsAsync(EventsBetween);

        await ReplaceSilosAsync(grid, next.Silo, load);
        output.WriteLine($"silos of the next release, a frontend of each: {load.Describe()}");
        await RestartFrontendAsync(frontends, "a", next.Frontend, load);
        await RestartFrontendAsync(frontends, "b", RepositoryPaths.FrontendProgram, load);
        await ReplaceSilosAsync(grid, RepositoryPaths.SiloProgram, load);
        output.WriteLine($"silos of the release before again: {load.Describe()}");
        await RestartFrontendAsync(frontends, "a", RepositoryPaths.FrontendProgram, load); // its spool may hold what the other release wrote
        await load.EndAsync();

        output.WriteLine(load.Describe());
        await AssertFormatAsync(redis, expected: 1);
        await frontends.WaitUntilDeliveredAsync(Cancellation);
        await grid.VerifyAsync(grid.Silos[^1], load.Sent, Cancellation, isOrdered: false);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task RaisedFormat_IsWrittenAfterTheNextStartAndShutsTheOlderReleaseOut()
    {
        var next = NextRelease.FindOrSkip();
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation, http: "off");
        await using var frontends = new FrontendGroup(grid, output);
        await frontends.StartAsync("a", Cancellation, next.Frontend);
        var load = new GridLoad(sent => frontends.NewFleet(sent, events: 1_000_000, seed: 43), Cancellation);
        await load.WaitForEventsAsync(EventsBetween);
        await ReplaceSilosAsync(grid, next.Silo, load);

        Assert.Contains("writes format 1", await grid.RunCommandOfAsync(next.Silo, "format"), StringComparison.Ordinal);
        Assert.Contains("writes format 2", await grid.RunCommandOfAsync(next.Silo, "format", "raise"), StringComparison.Ordinal);
        await load.WaitForEventsAsync(EventsBetween);
        await AssertFormatAsync(redis, expected: 1); // by those who run
        await ReplaceSilosAsync(grid, next.Silo, load);

        await AssertFormatAsync(redis, expected: 2);
        await AssertRefusedAsync(grid.SettingsOf("older-silo"));
        await AssertRefusedAsync(grid.SettingsOf("older-frontend") with { Program = RepositoryPaths.FrontendProgram });
        await load.EndAsync();
        output.WriteLine(load.Describe());
        await frontends.WaitUntilDeliveredAsync(Cancellation);
        await grid.VerifyAsync(grid.Silos[^1], load.Sent, Cancellation, isOrdered: false);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task FormatRaisedBeforeTheOlderReleaseHasLeft_LosesNothing()
    {
        var next = NextRelease.FindOrSkip();
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation);
        var older = grid.Silos.ToList();
        var load = new GridLoad(sent => grid.NewFleet(sent, events: 1_000_000, seed: 44), Cancellation);
        await load.WaitForEventsAsync(EventsBetween);
        var refusal = await grid.RunRefusedAsync(next.Silo, "format", "raise");
        Assert.Equal(older.Count, refusal.Split('\n').Count(line => line.StartsWith("  silo 127.0.0.1:", StringComparison.Ordinal) && line.EndsWith(" reads formats up to 1", StringComparison.Ordinal)));
        Assert.Contains(older, silo => refusal.Contains($"frontend {Environment.MachineName}:{silo.Port} reads formats up to 1", StringComparison.Ordinal));
        await grid.RunCommandOfAsync(next.Silo, "format", "raise", "--force");
        await grid.AddSiloAsync(Cancellation, settings => settings with { Program = next.Silo });

        await load.WaitForEventsAsync(5 * EventsBetween);
        output.WriteLine($"older silos among events that they cannot read: {load.Describe()}");
        Assert.Contains(older, silo => silo.Output.Contains("format 2 is unknown", StringComparison.Ordinal));
        foreach (var silo in older)
        {
            await silo.StopAsync(TimeSpan.FromSeconds(60));
            grid.TakeOut(silo);
        }
        await load.WaitForEventsAsync(EventsBetween);
        await load.EndAsync();

        output.WriteLine(load.Describe());
        await grid.VerifyAsync(grid.Silos[^1], load.Sent, Cancellation);
    }

    /// <summary>A new one joins, an old one leaves, until all that ran are gone.</summary>
    private async Task ReplaceSilosAsync(SiloGrid grid, string program, GridLoad load)
    {
        foreach (var leaving in grid.Silos.Where(silo => grid.Ports.Contains(silo.Port)).ToList())
        {
            await grid.AddSiloAsync(Cancellation, settings => settings with { Program = program });
            await load.WaitForEventsAsync(EventsBetween);
            var code = await leaving.StopAsync(TimeSpan.FromSeconds(60));
            grid.TakeOut(leaving);
            Assert.Contains(code, new[] { 0, 143 });
            await load.WaitForEventsAsync(EventsBetween);
            output.WriteLine($"{load.Done} events: a silo of {Path.GetFileName(Path.GetDirectoryName(program))} for one that left");
        }
    }

    private static async Task RestartFrontendAsync(FrontendGroup frontends, string name, string program, GridLoad load)
    {
        frontends.TakeOut(name);
        Assert.Equal(143, await frontends.StopAsync(name));
        await frontends.StartAsync(name, Cancellation, program);
        await load.WaitForEventsAsync(EventsBetween);
    }

    /// <summary>In which format the silos write, as the ledgers that they store with their progress tell: its version is one more.</summary>
    private static async Task AssertFormatAsync(RedisProcess redis, int expected)
    {
        const string script = "return string.byte(string.match(redis.call('HGET',KEYS[1],'least'),'^%d+:%d+:(.)'))";
        for (var queue = 0; queue < 4; queue++)
            await redis.WaitUntilAsync($"EVAL \"{script}\" 1 {{divolte}}:progress:{queue}", $":{expected + 1}"); // stored a moment after an event
    }

    private static async Task AssertRefusedAsync(SiloProcessSettings settings)
    {
        await using var older = SiloProcess.Launch(settings);
        Assert.Equal(1, await older.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("format 2", older.Output, StringComparison.Ordinal);
    }

    /// <summary>The programs of the build that stands for the next release.</summary>
    private sealed record NextRelease(string Silo, string Frontend)
    {
        public static NextRelease FindOrSkip()
        {
            var (silo, frontend) = (RepositoryPaths.NextSiloProgram, RepositoryPaths.NextFrontendProgram);
            if (silo is null || frontend is null)
                Assert.Skip("needs a second build: ./test.sh --all makes it; or publish with -p:ContractVersion=2 and name it with DIVOLTE_SILO_NEXT and DIVOLTE_FRONTEND_NEXT");
            return new NextRelease(silo, frontend);
        }
    }
}
