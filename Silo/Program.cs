using System.Text;
using Divolte.Frontend.CommandLine;
using Divolte.Frontend.Hosting;
using Divolte.Frontend.Listening;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Silo.Cat;
using Divolte.Silo.CommandLine;
using Divolte.Silo.Mapping;

namespace Divolte.Silo;

/// <summary>The program: reads the command line and does what it asks for.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var invocation = Invocation.Parse(arguments);
        if (invocation.Mistake is { } mistake)
        {
            await Console.Error.WriteLineAsync($"divolte: {mistake}. See --help.");
            return 2;
        }
        switch (invocation.Command)
        {
            case Command.Run:
                return await RunAsync(invocation);
            case Command.Check:
                return CheckCommand.Run(invocation.Configuration, Console.Out, Console.Error);
            case Command.Tag:
                return TagCommand.Run(invocation.Configuration, Console.Out, Console.Error);
            case Command.Cat:
                return Cat(invocation.Operands);
            case Command.Map:
                return Map(invocation);
            case Command.MappingTest:
                return await MappingTestServer.RunAsync(
                    MappingArguments.ForServer(invocation.Operands), invocation.Configuration, TimeProvider.System, Console.Out, Console.Error);
            case Command.Sinks:
                return await SinksCommand.RunAsync(invocation, Console.Out, Console.Error);
            case Command.Replay:
                return await ReplayCommand.RunAsync(invocation, Console.Out, Console.Error);
            case Command.Format:
                return await FormatCommand.RunAsync(invocation, Console.Out, Console.Error);
            case Command.Version:
                Console.WriteLine(HelpText.Version);
                return 0;
            default:
                Console.WriteLine(HelpText.Usage);
                return 0;
        }
    }

    private static int Map(Invocation invocation)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 64 * 1024);
        using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
        return MapCommand.Run(MappingArguments.ForMap(invocation.Operands), invocation.Configuration, TimeProvider.System, input, output, Console.Error);
    }

    private static int Cat(IReadOnlyList<string> files)
    {
        // The console's own writer flushes every line.
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 64 * 1024);
        return CatCommand.Run(files, output, Console.Error);
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        // From here on a signal is taken: one that comes during the start stops as soon as the start is done.
        using var signals = new StopSignals();
        InlineSockets.Enable();
        var loaded = ConfigurationLoader.Load(invocation.Configuration);
        if (!loaded.IsValid)
            return AllMistakes.Print(loaded, Console.Error);
        try
        {
            await using var server = await SiloServer.StartAsync(loaded, CancellationToken.None);
            var first = await Task.WhenAny(signals.Requested, server.Broken);
            await server.StopAsync();
            return first == signals.Requested ? await signals.Requested : 1;
        }
        catch (Exception failure) when (StartFailure.Describe(failure) is { } reason)
        {
            await Console.Error.WriteLineAsync($"divolte: not started. {reason}");
            return 1;
        }
        catch (Exception bug)
        {
            await Console.Error.WriteLineAsync($"divolte: ended by an error of its own. {bug}");
            return 1;
        }
    }
}
