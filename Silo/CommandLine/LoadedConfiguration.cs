using Divolte.Grains.Interfaces.Configuration.Loading;

namespace Divolte.Silo.CommandLine;

/// <summary>How what was loaded is told.</summary>
internal static class LoadedConfiguration
{
    /// <summary>Prints every mistake, those of schemas and scripts too, then a closing line.</summary>
    /// <returns>The exit code of an invalid configuration.</returns>
    public static int PrintMistakes(ConfigurationResult loaded, TextWriter error)
    {
        foreach (var violation in loaded.Violations)
            error.WriteLine($"ERROR {violation}");
        var others = loaded.Draft is { } draft ? StartCheck.FindProblems(draft, out _) : [];
        foreach (var problem in others)
            error.WriteLine($"ERROR {problem}");
        error.WriteLine(
            $"divolte: the configuration {(loaded.File is { } file ? $"in {file} " : "")}has {Count(loaded.Violations.Count + others.Count, "mistake")}; nothing was started.");
        return 1;
    }

    public static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
