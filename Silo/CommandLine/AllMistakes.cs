using Divolte.Frontend.CommandLine;
using Divolte.Grains.Interfaces.Configuration.Loading;

namespace Divolte.Silo.CommandLine;

/// <summary>What is wrong with a configuration, and with the schemas and scripts that it names.</summary>
internal static class AllMistakes
{
    /// <summary>Prints every mistake, then a closing line.</summary>
    /// <returns>The exit code of an invalid configuration.</returns>
    public static int Print(ConfigurationResult loaded, TextWriter error) =>
        LoadedConfiguration.PrintMistakes(loaded, error, loaded.Draft is { } draft ? StartCheck.FindProblems(draft, out _) : []);
}
