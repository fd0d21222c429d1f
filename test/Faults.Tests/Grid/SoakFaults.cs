using Divolte.TestKit.Processes;

namespace Divolte.Faults.Tests.Grid;

/// <summary>What may happen to a grid at any time, one after another, each chosen by chance; in the end all that runs is well.</summary>
internal sealed class SoakFaults(SiloGrid grid, FrontendGroup frontends, RedisProcess redis, Random random, ITestOutputHelper output)
{
    private const int SilosMin = 2;
    private const int SilosMax = 4;
    private static readonly string[] Names = ["a", "b"];

    /// <summary>How many have happened.</summary>
    public int Count { get; private set; }

    public SiloProcess AnySilo => Running[^1];

    /// <summary>All that run, by name.</summary>
    public IReadOnlyList<(string Name, int ProcessId)> Processes =>
    [
        .. Running.Select(silo => ($"silo {grid.Silos.ToList().IndexOf(silo)}", silo.ProcessId)),
        .. Names.Select(name => ($"frontend {name}", frontends[name].ProcessId)),
        ("redis", redis.ProcessId),
    ];

    /// <summary>Silos that the grid counts on: their ports stand for them, although nobody visits them there.</summary>
    private SiloProcess[] Running => [.. grid.Silos.Where(silo => grid.Ports.Contains(silo.Port))];

    public async Task StartFrontendsAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Names)
            await frontends.StartAsync(name, cancellationToken);
    }

    /// <summary>Lets something happen every few seconds. What has begun is ended when the time is up.</summary>
    public async Task StrikeUntilAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(random.Next(3, 9)), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!end.IsCancellationRequested)
                await StrikeAsync();
        }
        await PauseAsync(1, 2);
    }

    private async Task StrikeAsync()
    {
        Count++;
        var silos = Running;
        var silo = silos[random.Next(silos.Length)];
        var name = Names[random.Next(Names.Length)];
        var fault = random.Next(9);
        output.WriteLine($"      {DescribeFault(fault, silos.Length, name)}");
        switch (fault)
        {
            case 0 when silos.Length > SilosMin:
                grid.TakeOut(silo);
                await silo.KillAsync();
                break;
            case 1 when silos.Length > SilosMin:
                grid.TakeOut(silo);
                await silo.StopAsync(TimeSpan.FromSeconds(60));
                break;
            case 2 when silos.Length > SilosMin:
                grid.TakeOut(silo);
                silo.Signal("STOP");
                await PauseAsync(6, 12); // long enough to be declared dead
                silo.Signal("CONT");
                await silo.WaitForExitAsync(TimeSpan.FromSeconds(60));
                break;
            case 3:
                await redis.KillAsync();
                await redis.StartAsync();
                break;
            case 4:
                redis.Signal("STOP");
                await PauseAsync(1, 5);
                redis.Signal("CONT");
                break;
            case 5:
                await frontends.KillAsync(name);
                await frontends.StartAsync(name, CancellationToken.None);
                break;
            case 6:
                frontends.TakeOut(name);
                await frontends.StopAsync(name);
                await frontends.StartAsync(name, CancellationToken.None);
                break;
            case 7:
                grid.Kafka.Pause();
                await PauseAsync(1, 6);
                grid.Kafka.Resume();
                break;
            default:
                if (silos.Length < SilosMax)
                    await grid.AddSiloAsync(CancellationToken.None);
                break;
        }
    }

    private static string DescribeFault(int fault, int silos, string frontend) => fault switch
    {
        0 when silos > SilosMin => "kill -9 of a silo",
        1 when silos > SilosMin => "SIGTERM of a silo",
        2 when silos > SilosMin => "a silo frozen past its death",
        3 => "Redis killed and started again",
        4 => "Redis frozen",
        5 => $"kill -9 of frontend {frontend}",
        6 => $"SIGTERM of frontend {frontend}",
        7 => "Kafka frozen",
        _ => silos < SilosMax ? "one more silo" : "nothing",
    };

    private Task PauseAsync(int secondsMin, int secondsMax) => Task.Delay(TimeSpan.FromSeconds(random.Next(secondsMin, secondsMax)));
}
