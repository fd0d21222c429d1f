using System.Globalization;
using Divolte.Benchmarks.Servers;

namespace Divolte.Benchmarks;

/// <summary>Measures; see <c>test/Benchmarks/run</c>, which publishes the silo first and lets nothing else run beside.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["bare", var port]:
                BareEndpoint.Run(int.Parse(port, CultureInfo.InvariantCulture));
                return 0;
            case ["servers", var program, ..]:
                await ServersBenchmark.RunAsync(program, Number(arguments, 2, 15), Number(arguments, 3, 3), Console.Out);
                return 0;
            case ["start", var program]:
                StartBenchmark.Run(program, Console.Out);
                return 0;
            case ["micro", ..]:
                MicroBenchmarks.Run(Console.Out, arguments.Length > 1 ? arguments[1] : "");
                return 0;
            default:
                Console.Error.WriteLine("usage: servers SILO.dll [SECONDS [ROUNDS]] | start SILO.dll | micro [NAME] | bare PORT");
                return 2;
        }
    }

    private static int Number(string[] arguments, int index, int otherwise) =>
        arguments.Length > index ? int.Parse(arguments[index], CultureInfo.InvariantCulture) : otherwise;
}
