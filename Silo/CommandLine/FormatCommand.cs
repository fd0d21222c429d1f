using Divolte.Grains;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Interfaces.Formats;

namespace Divolte.Silo.CommandLine;

/// <summary><c>format</c>: in which format a grid writes, and the decision to raise it, when no process of an older release is left.</summary>
internal static class FormatCommand
{
    /// <summary>What no check can find out.</summary>
    public const string Unseen = "Not seen: frontends without connection to the grid, and processes that are stopped. Those of an older release must not come back.";

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
            if (invocation.Operands is ["raise", ..] && journal.StoredFormat < GridFormat.Latest)
            {
                if (invocation.Operands is ["raise"] && !await MayRaiseAsync(host.Services, configuration, journal.StoredFormat, output, error))
                    return 1;
                await journal.RaiseFormatAsync();
            }
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

    /// <summary>Whether every process that can be seen reads the latest format; tells what was found.</summary>
    private static async Task<bool> MayRaiseAsync(
        IServiceProvider services, DivolteConfiguration configuration, int stored, TextWriter output, TextWriter error)
    {
        var census = await GridCensus.TakeAsync(
            configuration, services.GetRequiredService<IMembershipTable>(), services.GetRequiredService<TimeProvider>());
        if (FindRefusal(stored, GridFormat.Latest, census) is { } refusal)
        {
            await error.WriteLineAsync($"divolte: {refusal}");
            return false;
        }
        await output.WriteLineAsync(Confirm(GridFormat.Latest, census));
        return true;
    }

    /// <summary>Why the format must not be raised, naming every process that is in the way; null when none is.</summary>
    internal static string? FindRefusal(int stored, int latest, IReadOnlyList<GridProcess> census)
    {
        var older = census.Where(process => !process.IsGone && !process.Reads(latest)).ToList();
        return older.Count == 0
            ? null
            : $"""
            the format stays {stored}. Not all that belong to the grid are known to read format {latest}:
            {string.Join('\n', older.Select(process => $"  {process.Describe()}"))}
            Replace them, or stop them; one that was killed leaves the table when another silo finds it dead. Then try again.
            'format raise --force' raises it all the same: their sinks stop, and what reaches them is answered 503, until they are replaced.
            {Unseen}
            """;
    }

    /// <summary>What was looked at before the format was raised.</summary>
    internal static string Confirm(int latest, IReadOnlyList<GridProcess> census)
    {
        var gone = census.Where(process => process.IsGone && !process.Reads(latest)).ToList();
        var past = gone.Count == 0 ? "" : $"\nMust not come back:\n{string.Join('\n', gone.Select(process => $"  {process.Describe()}"))}";
        return $"All {census.Count(process => !process.IsGone)} silos and frontends that the grid knows of read format {latest}.{past}\n{Unseen}";
    }
}
