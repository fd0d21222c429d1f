namespace Divolte.TestKit.Processes;

/// <summary>Places in the checkout that tests are run from.</summary>
public static class RepositoryPaths
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// The silo's program: the file that <c>DIVOLTE_SILO</c> names (a published build), else the build output of the tests' own configuration.
    /// </summary>
    public static string SiloProgram { get; } = FindProgram("Silo");

    /// <summary>The frontend's program: the same with <c>DIVOLTE_FRONTEND</c>.</summary>
    public static string FrontendProgram { get; } = FindProgram("Frontend");

    /// <summary>The script that starts a real Kafka broker, or null where there is none.</summary>
    public static string? KafkaScript { get; } = FindKafkaScript();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Divolte.Orleans.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Divolte.Orleans.sln.");
    }

    private static string FindProgram(string project)
    {
        if (Environment.GetEnvironmentVariable($"DIVOLTE_{project.ToUpperInvariant()}") is { Length: > 0 } named)
            return Path.GetFullPath(named);
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        return Path.Combine(Root, project, "bin", configuration, "net10.0", $"Divolte.{project}.dll");
    }

    private static string? FindKafkaScript()
    {
        var script = Path.GetFullPath(Path.Combine(Root, "..", "shared", "kafka", "kafka"));
        return File.Exists(script) ? script : null;
    }
}
