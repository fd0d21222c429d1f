using System.Globalization;
using System.Runtime.InteropServices;
using Divolte.Benchmarks.Servers;

namespace Divolte.Benchmarks;

/// <summary>Measures; see <c>test/Benchmarks/run</c>, which publishes the silo first and lets nothing else run beside.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        // The runtime ends at once on SIGTERM, which is how a time limit comes: servers under measurement are ended by the handlers of an exit.
        using var limit = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Environment.Exit(128 + 15));
        switch (arguments)
        {
            case ["bare", var port]:
                BareEndpoint.Run(int.Parse(port, CultureInfo.InvariantCulture));
                return 0;
            case ["servers", var program, ..]:
                await ServersBenchmark.RunAsync(program, Number(arguments, 2, 15), Number(arguments, 3, 3), Console.Out);
                break;
            case ["grid", var silo, var frontend, ..]:
                await GridBenchmark.RunAsync(silo, frontend, Number(arguments, 3, 8), Number(arguments, 4, 3), Console.Out);
                break;
            case ["scaling", var silo, var frontend, .. var by]:
                await GridBenchmark.RunScalingAsync(silo, frontend, by.FirstOrDefault(), seconds: 5, rounds: 1, Console.Out);
                break;
            case ["start", var program]:
                StartBenchmark.Run(program);
                break;
            case ["latency", var program]:
                LatencyBenchmark.Run(program, Console.Out);
                break;
            case ["memory", var program]:
                MemoryBenchmark.Run(program, Console.Out);
                break;
            case ["micro", ..]:
                MicroBenchmarks.Run(Console.Out, arguments.Length > 1 ? arguments[1] : "");
                break;
            case ["all", var program, ..]:
                await AllAsync(program, Number(arguments, 2, 8), Number(arguments, 3, 2));
                break;
            default:
                Console.Error.WriteLine("usage: servers SILO.dll [SECONDS [ROUNDS]] | grid SILO.dll FRONTEND.dll [SECONDS [ROUNDS]] | scaling SILO.dll FRONTEND.dll [silos | shards] | start SILO.dll | latency SILO.dll | memory SILO.dll | micro [NAME] | all SILO.dll [SECONDS [ROUNDS]] | bare PORT");
                return 2;
        }
        Scorecard.Print(Console.Out);
        return 0;
    }

    /// <summary>No part begins after so long; the longest takes four minutes.</summary>
    private static readonly TimeSpan BeginMax = TimeSpan.FromMinutes(10);

    /// <summary>Every figure that has a bar. What fails is reported, and the others are measured all the same.</summary>
    private static async Task AllAsync(string program, int seconds, int rounds)
    {
        (string Name, Func<Task> Run)[] all =
        [
            ("start", () => Do(() => StartBenchmark.Run(program))),
            ("servers", () => ServersBenchmark.RunAsync(program, seconds, rounds, Console.Out)),
            ("latency", () => Do(() => LatencyBenchmark.Run(program, Console.Out))),
            ("micro", () => Do(() => MicroBenchmarks.Run(Console.Out))),
            ("memory", () => Do(() => MemoryBenchmark.Run(program, Console.Out))),
        ];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (var (name, run) in all)
        {
            if (clock.Elapsed > BeginMax)
            {
                Console.WriteLine($"{name}: left out, there is no time left for it");
                continue;
            }
            try
            {
                await run();
            }
            catch (Exception failure) when (failure is InvalidOperationException or IOException or System.Net.Sockets.SocketException)
            {
                Console.WriteLine($"{name} failed: {failure.Message}");
            }
        }
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static int Number(string[] arguments, int index, int otherwise) =>
        arguments.Length > index ? int.Parse(arguments[index], CultureInfo.InvariantCulture) : otherwise;
}
