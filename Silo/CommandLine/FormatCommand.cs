using Divolte.Grains;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Interfaces.Formats;

namespace Divolte.Silo.CommandLine;

/// <summary><c>format</c>: in which format a grid writes, and the decision to raise it, when no process of an older release is left.</summary>
internal static class FormatCommand
{
    public static async Task<int> RunAsync(Invocation invocation, TextWriter output, TextWriter error)
    {
        var loaded = ConfigurationLoader.Load(invocation.Configuration);
        if (!loaded.TryGet(out var configuration))
            return AllMistakes.Print(loaded, error);
        if (configuration.Global.Grid.Store != GridStore.Redis)
        {
            await error.WriteLineAsync("divolte: only a grid (divolte.global.grid.store = redis) keeps a format: a journal in files is written in the latest.");
            return 1;
        }
        using var host = SiloServices.Build(configuration);
        try
        {
            var journal = GrainServices.OpenSharedJournal(host.Services);
            if (invocation.Operands is ["raise"])
                await journal.RaiseFormatAsync();
            await output.WriteLineAsync(
                $"Cluster {configuration.Global.Grid.Cluster} writes format {journal.StoredFormat}; this release reads formats {GridFormat.Oldest} to {GridFormat.Latest}.");
            return 0;
        }
        catch (Exception failure) when (StartFailure.Describe(failure) is { } reason)
        {
            await error.WriteLineAsync($"divolte: {reason}");
            return 1;
        }
    }
}
