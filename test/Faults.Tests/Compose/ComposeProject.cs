using Divolte.TestKit.Processes;

namespace Divolte.Faults.Tests.Compose;

/// <summary>One compose file, brought up from stand-in images under a name of its own, on free ports, and removed with its volumes at the end.</summary>
internal sealed class ComposeProject : IAsyncDisposable
{
    /// <summary>Building the programs takes most of it.</summary>
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(5);

    private readonly DockerDaemon _docker;
    private readonly string _program;
    private readonly string[] _front;
    private readonly Dictionary<string, string> _environment;

    private ComposeProject(DockerDaemon docker, string program, string[] front, Dictionary<string, string> environment)
    {
        _docker = docker;
        _program = program;
        _front = front;
        _environment = environment;
    }

    /// <summary>The public port.</summary>
    public int HttpPort => int.Parse(_environment["DIVOLTE_PUBLISH_HTTP"], provider: null);

    /// <summary>The port for operators, of <c>single.yml</c>.</summary>
    public int AdminPort => int.Parse(_environment["DIVOLTE_PUBLISH_ADMIN"], provider: null);

    /// <summary>The broker's address, of <c>grid.yml</c>.</summary>
    public string Bootstrap => "localhost:" + _environment["DIVOLTE_PUBLISH_KAFKA"];

    /// <summary>Makes the stand-ins, builds the images and starts everything. Skips the test where there is no compose.</summary>
    public static async Task<ComposeProject> UpOrSkipAsync(DockerDaemon docker, params string[] files)
    {
        var (program, first) = await FindComposeOrSkipAsync(docker);
        // The lines of this file are variables too, which both programs read by the same option.
        string[] front =
        [
            .. first, "--env-file", Path.Combine(RepositoryPaths.Root, "compose", "stand-ins", "images.env"), "-p", "divolte-test-" + FreePort.Next(),
            .. files.SelectMany(file => new[] { "-f", Path.Combine(RepositoryPaths.Root, "compose", file) }),
        ];
        var environment = new Dictionary<string, string>
        {
            ["DIVOLTE_PUBLISH_HTTP"] = FreePort.Next().ToString(provider: null),
            ["DIVOLTE_PUBLISH_ADMIN"] = FreePort.Next().ToString(provider: null),
            ["DIVOLTE_PUBLISH_KAFKA"] = FreePort.Next().ToString(provider: null),
            ["DIVOLTE_ADMIN_TOKEN"] = "",
            ["COMPOSE_HTTP_TIMEOUT"] = "300",
        };
        var project = new ComposeProject(docker, program, front, environment);
        await docker.RunAsync(Path.Combine(RepositoryPaths.Root, "compose", "base-images"), BuildLimit, environment);
        try
        {
            await project.RunAsync(BuildLimit, "build");
            await project.RunAsync(CommandLimit, "up", "-d");
            return project;
        }
        catch
        {
            await project.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command of compose on the project.</summary>
    public Task<string> RunAsync(params string[] arguments) => RunAsync(CommandLimit, arguments);

    /// <summary>Has so many silos from now on, while everything else goes on.</summary>
    public Task ScaleSilosAsync(int count) => RunAsync("up", "-d", "--no-recreate", "--scale", $"silo={count}");

    /// <summary>Names of the containers of a service.</summary>
    public async Task<IReadOnlyList<string>> ContainersOfAsync(string service) =>
        (await RunAsync("ps", "-q", service)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Runs a command of Docker.</summary>
    public Task<string> DockerAsync(params string[] arguments) => _docker.RunAsync("docker", CommandLimit, _environment, arguments);

    /// <summary>Waits until the health checks of so many containers of a service say healthy.</summary>
    /// <exception cref="TimeoutException">They do not within two minutes; the message holds their logs.</exception>
    public async Task WaitUntilHealthyAsync(string service, int count, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (await CountHealthyAsync(service) != count)
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{count} healthy containers of {service} were awaited. Logs:\n{await RunAsync("logs", "--tail=60", service)}");
            await Task.Delay(500, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync() => await RunAsync("down", "-v", "-t", "5", "--remove-orphans");

    private async Task<int> CountHealthyAsync(string service)
    {
        var containers = await ContainersOfAsync(service);
        if (containers.Count == 0)
            return 0;
        var states = await DockerAsync(["inspect", "--format", "{{.State.Health.Status}}", .. containers]);
        return states.Split('\n', StringSplitOptions.TrimEntries).Count(state => state == "healthy");
    }

    private Task<string> RunAsync(TimeSpan limit, params string[] arguments) => _docker.RunAsync(_program, limit, _environment, [.. _front, .. arguments]);

    private static async Task<(string Program, string[] First)> FindComposeOrSkipAsync(DockerDaemon docker)
    {
        var (exitCode, _) = await NodePackages.RunOrSkipAsync("docker", RepositoryPaths.Root, CommandLimit, docker.Environment, "compose", "version");
        if (exitCode == 0)
            return ("docker", ["compose"]);
        Assert.SkipWhen(!NodePackages.IsThere("docker-compose"), "neither docker compose nor docker-compose is installed");
        return ("docker-compose", []);
    }
}
