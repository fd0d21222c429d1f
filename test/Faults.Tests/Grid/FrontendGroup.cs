using System.Net.Http.Json;
using System.Text.Json;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>Frontend processes of a grid, each with a spool of its own, on the silos' configuration file.</summary>
internal sealed class FrontendGroup(SiloGrid grid, ITestOutputHelper output) : IAsyncDisposable
{
    private readonly Dictionary<string, SiloProcessSettings> _settings = [];
    private readonly Dictionary<string, SiloProcess> _running = [];
    private volatile int[] _ports = [];

    /// <summary>The public ports of those that run: what a balancer would know.</summary>
    public IReadOnlyList<int> Ports => _ports;

    public SiloProcess this[string name] => _running[name];

    /// <summary>Visitors of all frontends that a balancer would know, a fifth of whose events come twice.</summary>
    public VisitorFleet NewFleet(SentEvents sent, int events, int seed) => new(
        new VisitorFleetSettings
        {
            Port = 0,
            PortsNow = () => Ports,
            Seed = seed,
            Events = events,
            RepetitionShare = 0.2,
            AnswerTimeout = TimeSpan.FromSeconds(5),
        },
        sent);

    /// <summary>Starts a frontend, or starts it again on its port and its spool.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="program">The program of another build.</param>
    public async Task<SiloProcess> StartAsync(string name, CancellationToken cancellationToken, string? program = null)
    {
        if (!_settings.TryGetValue(name, out var settings))
        {
            var spool = new Dictionary<string, string> { ["DIVOLTE_SPOOL_DIRECTORY"] = grid.Folder.Below("spool-" + name) };
            settings = grid.SettingsOf("frontend-" + name) with
            {
                Program = RepositoryPaths.FrontendProgram,
                Port = FreePort.Lasting(),
                AdminPort = FreePort.Lasting(),
                Environment = grid.Environment.Concat(spool).ToDictionary(),
            };
            _settings[name] = settings;
        }
        var frontend = await SiloProcess.StartAsync(settings with { Program = program ?? settings.Program }, cancellationToken);
        _running[name] = frontend;
        _ports = [.. _running.Values.Select(running => running.Port)];
        return frontend;
    }

    /// <summary><c>kill -9</c>. The balancer goes on sending there until it is told.</summary>
    public async Task KillAsync(string name)
    {
        await _running[name].KillAsync();
        Describe(name);
    }

    /// <summary>The balancer sends nothing there any more.</summary>
    public void TakeOut(string name) => _ports = [.. _ports.Where(port => port != _running[name].Port)];

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync(string name)
    {
        var code = await _running[name].StopAsync(TimeSpan.FromSeconds(60));
        Describe(name);
        return code;
    }

    public async Task<JsonElement> ReadStatusAsync(string name, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{_running[name].AdminPort}/status"), cancellationToken);
    }

    /// <summary>Events in the spool that the grid does not have yet.</summary>
    public async Task<long> CountSpooledAsync(string name, CancellationToken cancellationToken) =>
        (await ReadStatusAsync(name, cancellationToken)).GetProperty("spool").GetProperty("waitingEvents").GetInt64();

    /// <summary>Waits until the spools of all that run are delivered.</summary>
    public async Task WaitUntilDeliveredAsync(CancellationToken cancellationToken)
    {
        foreach (var name in _running.Keys)
        {
            for (var attempt = 0; await CountSpooledAsync(name, cancellationToken) > 0; attempt++)
            {
                Assert.True(attempt < 600, $"The spool of {name} is not delivered within a minute: {(await ReadStatusAsync(name, cancellationToken)).GetRawText()}");
                await Task.Delay(100, cancellationToken);
            }
            output.WriteLine($"spool of {name}: {(await ReadStatusAsync(name, cancellationToken)).GetProperty("spool").GetRawText()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _running.Keys)
        {
            Describe(name);
            await _running[name].DisposeAsync();
        }
    }

    private void Describe(string name) =>
        output.WriteLine($"--- frontend {name}:\n{_running[name].Output[^Math.Min(_running[name].Output.Length, 3000)..]}");
}
