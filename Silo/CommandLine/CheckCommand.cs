using Divolte.Frontend.CommandLine;
using Divolte.Grains;
using Divolte.Grains.Interfaces.Configuration.Loading;

namespace Divolte.Silo.CommandLine;

/// <summary><c>check</c>: loads everything that a start would load, tells every problem, starts nothing and writes nothing.</summary>
internal static class CheckCommand
{
    /// <returns>0 when a start would go through as far as files and settings decide, else 1.</returns>
    public static int Run(ConfigurationRequest request, TextWriter output, TextWriter error)
    {
        var loaded = ConfigurationLoader.Load(request);
        if (!loaded.TryGet(out var configuration))
            return AllMistakes.Print(loaded, error);
        foreach (var warning in loaded.Warnings)
            error.WriteLine($"WARN {warning}");
        var problems = StartCheck.FindProblems(configuration, out var warnings);
        foreach (var warning in warnings)
            error.WriteLine($"WARN {warning}");
        foreach (var problem in problems)
            error.WriteLine($"ERROR {problem}");
        if (problems.Count > 0)
        {
            error.WriteLine($"divolte: {LoadedConfiguration.Count(problems.Count, "problem")} found.");
            return 1;
        }
        output.WriteLine(loaded.File is { } file ? $"# {file}" : "# no configuration file: defaults");
        output.Write(EffectiveConfiguration.Render(configuration));
        output.WriteLine();
        output.Write(ShutdownTimeline.Render(configuration.Global.Server, SiloServer.FlushTimeout));
        output.WriteLine("divolte: no problem found.");
        return 0;
    }
}
