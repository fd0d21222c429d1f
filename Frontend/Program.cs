using Divolte.Frontend.Clustering;
using Divolte.Frontend.CommandLine;
using Divolte.Frontend.Hosting;
using Divolte.Frontend.Listening;
using Divolte.Grains.Interfaces.Configuration.Loading;

namespace Divolte.Frontend;

/// <summary>The frontend of a grid: reads the command line and does what it asks for.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var invocation = FrontendInvocation.Parse(arguments);
        if (invocation.Mistake is { } mistake)
        {
            await Console.Error.WriteLineAsync($"divolte: {mistake}. See --help.");
            return 2;
        }
        switch (invocation.Command)
        {
            case FrontendCommand.Run:
                return await RunAsync(invocation.Configuration);
            case FrontendCommand.Check:
                return FrontendCheck.Run(invocation.Configuration, FrontendServer.FlushTimeout, Console.Out, Console.Error);
            case FrontendCommand.Tag:
                return TagCommand.Run(invocation.Configuration, Console.Out, Console.Error);
            case FrontendCommand.Version:
                Console.WriteLine(ProductVersion.Text);
                return 0;
            default:
                Console.WriteLine(FrontendInvocation.Usage);
                return 0;
        }
    }

    private static async Task<int> RunAsync(ConfigurationRequest request)
    {
        // From here on a signal is taken: one that comes during the start stops as soon as the start is done.
        using var signals = new StopSignals();
        InlineSockets.Enable();
        var loaded = ConfigurationLoader.Load(request);
        if (!loaded.TryGet(out var configuration))
            return LoadedConfiguration.PrintMistakes(loaded, Console.Error);
        if (FrontendCheck.FindProblem(configuration) is { } problem)
            return await RefuseAsync("not started", problem);
        try
        {
            await using var server = await FrontendServer.StartAsync(
                loaded, client => client.UseRedisMembership(configuration.Global.Grid), CancellationToken.None);
            var first = await Task.WhenAny(signals.Requested, server.Refused);
            await server.StopAsync();
            return first == signals.Requested ? await signals.Requested : await RefuseAsync("stopped", await server.Refused);
        }
        catch (Exception failure) when (FrontendFailure.Describe(failure) is { } reason)
        {
            return await RefuseAsync("not started", reason);
        }
        catch (Exception bug)
        {
            return await RefuseAsync("ended by an error of its own", bug.ToString());
        }
    }

    private static async Task<int> RefuseAsync(string what, string reason)
    {
        await Console.Error.WriteLineAsync($"divolte: {what}. {reason}");
        return 1;
    }
}
