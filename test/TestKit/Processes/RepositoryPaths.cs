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

    /// <summary>
    /// The silo's program of a build that stands for the next release, which <c>DIVOLTE_SILO_NEXT</c> names; null where there is none. <c>test.sh --all</c>
    /// publishes it with <c>-p:ContractVersion=2</c>.
    /// </summary>
    public static string? NextSiloProgram { get; } = NamedProgram("SILO_NEXT");

    /// <summary>The frontend's program of that build: the same with <c>DIVOLTE_FRONTEND_NEXT</c>.</summary>
    public static string? NextFrontendProgram { get; } = NamedProgram("FRONTEND_NEXT");

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
        if (NamedProgram(project.ToUpperInvariant()) is { } named)
            return named;
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        return Path.Combine(Root, project, "bin", configuration, "net10.0", $"Divolte.{project}.dll");
    }

    private static string? NamedProgram(string variable) =>
        Environment.GetEnvironmentVariable($"DIVOLTE_{variable}") is { Length: > 0 } named ? Path.GetFullPath(named) : null;

    private static string? FindKafkaScript()
    {
        var script = Path.GetFullPath(Path.Combine(Root, "..", "shared", "kafka", "kafka"));
        return File.Exists(script) ? script : null;
    }
}
