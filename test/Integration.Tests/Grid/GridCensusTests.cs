using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Silo;
using Divolte.Silo.CommandLine;
using Divolte.TestKit.Processes;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace Divolte.Integration.Tests.Grid;

/// <summary>What a grid of real processes knows of who belongs to it.</summary>
public sealed class GridCensusTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SilosAndFrontends_AreKnownWithWhatTheyRead_AndAKilledSiloAsOneThatDoesNotTell()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        using var folder = new TemporaryFolder();
        Assert.Empty(await TakeAsync(redis));
        var settings = new SiloProcessSettings
        {
            DataDirectory = folder.Below("silo"),
            IsServingHttp = false,
            Environment = new Dictionary<string, string>
            {
                ["DIVOLTE_STORE"] = "redis",
                ["DIVOLTE_REDIS"] = redis.Connection,
                ["DIVOLTE_ADDRESS"] = "127.0.0.1",
                ["DIVOLTE_SILO_PORT"] = "0",
                ["DIVOLTE_GATEWAY_PORT"] = "0",
            },
        };
        await using var silo = await SiloProcess.StartAsync(settings, Cancellation);
        await using var frontend = await SiloProcess.StartAsync(
            settings with
            {
                Program = RepositoryPaths.FrontendProgram, DataDirectory = folder.Below("frontend"), IsServingHttp = false, Port = FreePort.Next(), AdminPort = FreePort.Next(),
            },
            Cancellation);

        var census = await TakeAsync(redis);

        Assert.All(census, process => Assert.Equal((GridFormat.Latest, false), ((ushort)process.Format!.Value, process.IsGone)));
        Assert.Collection(
            census,
            one => Assert.StartsWith("silo 127.0.0.1:", one.Name, StringComparison.Ordinal),
            one => Assert.Equal($"frontend {Environment.MachineName}:{frontend.Port}", one.Name));

        await silo.KillAsync();
        var left = Assert.Single(await TakeAsync(redis));
        Assert.Equal((census[0].Name, null), (left.Name, left.Format));
    }

    private static async Task<IReadOnlyList<GridProcess>> TakeAsync(RedisProcess redis)
    {
        var loaded = ConfigurationLoader.LoadText($$"""divolte.global.grid { store = redis, redis = "{{redis.Connection}}" }""");
        using var host = SiloServices.Build(loaded.Configuration);
        return await GridCensus.TakeAsync(loaded.Configuration, host.Services.GetRequiredService<IMembershipTable>(), TimeProvider.System);
    }
}
