using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;

namespace Divolte.Frontend.CommandLine;

/// <summary><c>check</c> of a frontend: everything that its start would stumble over. Scripts and schemas are a silo's, and checked there.</summary>
internal static class FrontendCheck
{
    /// <returns>0 when a start would go through as far as settings decide, else 1.</returns>
    public static int Run(ConfigurationRequest request, TimeSpan flushTimeout, TextWriter output, TextWriter error)
    {
        var loaded = ConfigurationLoader.Load(request);
        if (!loaded.TryGet(out var configuration))
            return LoadedConfiguration.PrintMistakes(loaded, error);
        foreach (var warning in loaded.Warnings)
            error.WriteLine($"WARN {warning}");
        if (FindProblem(configuration) is { } problem)
        {
            error.WriteLine($"ERROR {problem}");
            error.WriteLine("divolte: 1 problem found.");
            return 1;
        }
        output.WriteLine(loaded.File is { } file ? $"# {file}" : "# no configuration file: defaults");
        output.Write(EffectiveConfiguration.Render(configuration));
        output.WriteLine();
        output.Write(ShutdownTimeline.Render(configuration.Global.Server, flushTimeout));
        output.WriteLine("divolte: no problem found.");
        return 0;
    }

    /// <summary>What keeps a frontend from starting although the configuration is valid; null when nothing does.</summary>
    public static string? FindProblem(DivolteConfiguration configuration) => configuration.Global.Grid.Store == GridStore.Local
        ? "divolte.global.grid.store = local: a frontend needs the silos of a grid, whose store is redis. With the local store Divolte.Silo serves HTTP itself."
        : OtlpSettings.FindProblem();
}
