using System.Globalization;
using System.Net;
using Divolte.Frontend;
using Divolte.Frontend.Clustering;
using Divolte.Frontend.Operations;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Silo;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;

namespace Divolte.Integration.Tests.Grid;

/// <summary>One silo with the embedded journal, and frontends that reach it as Orleans clients: the whole way over the wire, in the test's process.</summary>
internal sealed class InProcessGrid : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<FrontendServer> _frontends = [];
    private readonly int _siloPort = FreePort.Lasting();
    private readonly int _gatewayPort = FreePort.Lasting();
    private SiloServer? _silo;

    /// <summary>Where the file sink publishes.</summary>
    public string Published => _folder.Below("published");

    /// <summary>An address on the admin port of the silo.</summary>
    public Uri Admin(string path) => new($"http://127.0.0.1:{_silo!.Services.GetRequiredService<AdminServer>().Port}{path}");

    /// <summary>The grains, as the silo calls them.</summary>
    public IGrainFactory Grains => _silo!.Services.GetRequiredService<IGrainFactory>();

    /// <summary>A setting that gives a frontend a spool.</summary>
    public string Spool(string name) => $"spool.directory = \"{_folder.Below("spool", name)}\"";

    /// <summary>Stops a frontend gracefully.</summary>
    public async Task StopFrontendAsync(FrontendServer frontend)
    {
        _frontends.Remove(frontend);
        await frontend.StopAsync();
        await frontend.DisposeAsync();
    }

    public async Task StartSiloAsync(string grid = "") => _silo = await SiloServer.StartAsync(
        Load($"grid {{ http = off, {grid} }}", "silo"),
        CancellationToken.None,
        silo =>
        {
            silo.Services.AddLogging(TestOutputLog.Take);
            silo.UseLocalhostClustering(_siloPort, _gatewayPort, new IPEndPoint(IPAddress.Loopback, _siloPort), GridClient.ServiceId, GridClient.ServiceId);
        });

    public async Task StopSiloAsync()
    {
        if (_silo is not { } silo)
            return;
        _silo = null;
        await silo.StopAsync();
        await silo.DisposeAsync();
    }

    /// <summary>Starts a frontend; it serves at once, silo or not.</summary>
    public async Task<FrontendServer> StartFrontendAsync(string grid = "")
    {
        var frontend = await FrontendServer.StartAsync(
            Load($"grid {{ {grid} }}", "frontend" + _frontends.Count.ToString(CultureInfo.InvariantCulture)),
            client =>
            {
                client.Services.AddLogging(TestOutputLog.Take);
                client.UseLocalhostClustering(_gatewayPort, GridClient.ServiceId, GridClient.ServiceId);
            },
            CancellationToken.None);
        _frontends.Add(frontend);
        return frontend;
    }

    /// <summary>Sends an event to a frontend until it is acknowledged.</summary>
    public static async Task SendAsync(FrontendServer frontend, Beacon beacon)
    {
        using var connection = new BeaconConnection(frontend.Port, TimeSpan.FromSeconds(10));
        var last = 0;
        for (var attempt = 0; attempt < 300; attempt++)
        {
            last = await connection.SendAsync(beacon, TestContext.Current.CancellationToken) ?? 0;
            if (last == 200)
                return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"The event was not acknowledged; the last answer was {last}.");
    }

    /// <summary>Waits until a condition holds.</summary>
    public static async Task WaitAsync(string what, Func<bool> condition)
    {
        for (var attempt = 0; !condition(); attempt++)
        {
            Assert.True(attempt < 600, $"Waited for 30 seconds: {what}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public async Task<IReadOnlyList<DeliveredEvent>> WaitForRecordsAsync(int count)
    {
        await WaitAsync($"{count} records", () => DeliveredFiles.Read(Published).Count >= count);
        return DeliveredFiles.Read(Published);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var frontend in _frontends)
        {
            await frontend.StopAsync();
            await frontend.DisposeAsync();
        }
        await StopSiloAsync();
        _folder.Dispose();
    }

    private ConfigurationResult Load(string global, string name)
    {
        var loaded = ConfigurationLoader.LoadText($$"""
            divolte {
              global {
                server { port = 0 }
                admin { port = 0 }
                grid.data_directory = "{{_folder.Below("data", name)}}"
                {{global}}
              }
              sources { browser { type = browser } }
              sinks {
                files {
                  type = hdfs, replication = 1
                  file_strategy {
                    working_dir = "{{_folder.Below("working")}}", publish_dir = "{{Published}}"
                    roll_every = 1 second, sync_file_after_duration = 200 milliseconds
                  }
                }
              }
              mappings { all { sources = [browser], sinks = [files] } }
            }
            """);
        Assert.True(loaded.IsValid, string.Join('\n', loaded.Violations));
        return loaded;
    }
}
