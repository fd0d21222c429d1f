using Divolte.TestKit.Processes;

namespace Divolte.Faults.Tests.Grid;

/// <summary>Faults one after another, chosen by the seed, under load; repeat a run with <c>DIVOLTE_TEST_SEED</c>.</summary>
public sealed class ScheduleTests(ITestOutputHelper output)
{
    private const int EventsBetween = 800;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task SeededFaults_LoseNothingAndFlagNoFirstSight()
    {
        var seed = TestSeed.Next(output);
        var random = new Random(seed);
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 3, output, Cancellation);
        var run = new Run(grid, redis, seed, output);
        for (var fault = 0; fault < 10; fault++)
        {
            await run.WaitForEventsAsync(EventsBetween);
            await run.StrikeAsync(random);
        }
        await run.EndAsync();
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task ThreeToFiveToTwoSilos_LoseNothing()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 3, output, Cancellation);
        var run = new Run(grid, redis, seed: 31, output);
        await run.WaitForEventsAsync(EventsBetween);
        await grid.AddSiloAsync(Cancellation);
        await grid.AddSiloAsync(Cancellation);
        await run.WaitForEventsAsync(EventsBetween);
        foreach (var leaving in grid.Silos.Take(3).ToList())
        {
            var code = await leaving.StopAsync(TimeSpan.FromSeconds(60));
            grid.TakeOut(leaving);
            Assert.Contains(code, new[] { 0, 143 });
            await run.WaitForEventsAsync(EventsBetween);
        }
        await run.EndAsync();
    }

    /// <summary>A fleet that visits until it is told to stop, and what may happen to its servers.</summary>
    private sealed class Run
    {
        private readonly SiloGrid _grid;
        private readonly RedisProcess _redis;
        private readonly ITestOutputHelper _output;
        private readonly GridLoad _load;

        public Run(SiloGrid grid, RedisProcess redis, int seed, ITestOutputHelper output)
        {
            _grid = grid;
            _redis = redis;
            _output = output;
            _load = new GridLoad(sent => grid.NewFleet(sent, events: 1_000_000, seed), Cancellation);
        }

        private SiloProcess[] Running => [.. _grid.Silos.Where(silo => _grid.Ports.Contains(silo.Port))];

        public Task WaitForEventsAsync(int count) => _load.WaitForEventsAsync(count);

        public async Task StrikeAsync(Random random)
        {
            var silos = Running;
            var silo = silos[random.Next(silos.Length)];
            var fault = random.Next(6);
            _output.WriteLine($"{_load.Done} events: fault {fault} with {silos.Length} silos, port {silo.Port}");
            switch (fault)
            {
                case 0 when silos.Length > 2:
                    await silo.KillAsync();
                    _grid.TakeOut(silo);
                    break;
                case 1 when silos.Length > 2:
                    _grid.TakeOut(silo);
                    await silo.StopAsync(TimeSpan.FromSeconds(60));
                    break;
                case 2 when silos.Length > 2:
                    _grid.TakeOut(silo);
                    silo.Signal("STOP");
                    await WaitForEventsAsync(EventsBetween);
                    silo.Signal("CONT");
                    break;
                case 3:
                    await _redis.KillAsync();
                    await _redis.StartAsync();
                    break;
                case 4:
                    _redis.Signal("STOP");
                    await Task.Delay(TimeSpan.FromSeconds(random.Next(1, 5)), Cancellation); // the length of the hang
                    _redis.Signal("CONT");
                    break;
                default:
                    if (silos.Length < 4)
                        await _grid.AddSiloAsync(Cancellation);
                    break;
            }
        }

        public async Task EndAsync()
        {
            await _load.EndAsync();
            _output.WriteLine(_load.Describe());
            await _grid.VerifyAsync(Running[^1], _load.Sent, Cancellation);
        }
    }
}
