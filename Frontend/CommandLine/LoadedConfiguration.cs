using Divolte.Grains.Interfaces.Configuration.Loading;

namespace Divolte.Frontend.CommandLine;

/// <summary>How what was loaded is told.</summary>
internal static class LoadedConfiguration
{
    /// <summary>Prints every mistake, then a closing line.</summary>
    /// <param name="loaded">An invalid configuration.</param>
    /// <param name="error">Where to.</param>
    /// <param name="others">Mistakes besides those of the configuration itself.</param>
    /// <returns>The exit code of an invalid configuration.</returns>
    public static int PrintMistakes(ConfigurationResult loaded, TextWriter error, params IReadOnlyList<string> others)
    {
        foreach (var violation in loaded.Violations)
            error.WriteLine($"ERROR {violation}");
        foreach (var problem in others)
            error.WriteLine($"ERROR {problem}");
        error.WriteLine(
            $"divolte: the configuration {(loaded.File is { } file ? $"in {file} " : "")}has {Count(loaded.Violations.Count + others.Count, "mistake")}; nothing was started.");
        return 1;
    }

    public static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
