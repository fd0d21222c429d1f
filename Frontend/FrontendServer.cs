using Divolte.Frontend.Clustering;
using Divolte.Frontend.Hosting;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Spool;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;

namespace Divolte.Frontend;

/// <summary>
/// The running process of a frontend. It serves HTTP from the first moment, whether or not there is a silo, and stops from the outside in, so that nothing
/// that was taken is left behind.
/// </summary>
internal sealed partial class FrontendServer : IAsyncDisposable
{
    /// <summary>How long events that were taken may need to become durable after the last request, and the connection to close.</summary>
    public static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How long events that were taken, and those in the spool, may need to reach the grid, of that time.</summary>
    private static readonly TimeSpan HandOverTimeout = TimeSpan.FromSeconds(10);

    private readonly IHost _host;
    private readonly ILogger _logger;
    private readonly StopSteps _stop;

    private FrontendServer(IHost host)
    {
        _host = host;
        _logger = host.Services.GetRequiredService<ILogger<FrontendServer>>();
        _stop = new StopSteps(_logger);
    }

    public IServiceProvider Services => _host.Services;

    /// <summary>The public port that is bound.</summary>
    public int Port => Services.GetRequiredService<PublicServer>().Port;

    /// <summary>Ends with the reason when the frontend must not go on.</summary>
    public Task<string> Refused => Services.GetRequiredService<GridConnection>().Refused;

    /// <param name="loaded">A valid configuration.</param>
    /// <param name="membership">How silos are found.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="Exception">It cannot start; what was started is stopped again. See <see cref="FrontendFailure"/>.</exception>
    public static async Task<FrontendServer> StartAsync(ConfigurationResult loaded, Action<IClientBuilder> membership, CancellationToken cancellationToken)
    {
        var server = new FrontendServer(FrontendHost.Build(loaded.Configuration, membership));
        try
        {
            server.LogStarting(ProductVersion.Text, loaded.File ?? "none, defaults");
            foreach (var warning in loaded.Warnings)
                server.LogWarning(warning);
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops gracefully. Trouble on the way is logged and holds up nothing behind it.</summary>
    public async Task StopAsync()
    {
        await _stop.TryAsync("the public port", () => Services.GetRequiredService<PublicServer>().StopAsync(HandOverTimeout));
        await _stop.TryAsync("the figures", () => Services.GetRequiredService<EdgeReporter>().StopAsync());
        await _stop.TryAsync("the connection", () => Services.GetRequiredService<GridConnection>().StopAsync());
        await _stop.TryAsync("the cluster client", StopHostAsync);
        await _stop.TryAsync("the admin port", () => Services.GetRequiredService<AdminServer>().StopAsync(Services.GetRequiredService<TimeProvider>()));
        await _stop.TryAsync("the telemetry", () => TelemetryExport.StopAsync(Services));
        LogStopped();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
        else
            _host.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _ = Services.GetRequiredService<EventSubmitter>();
        _ = Services.GetService<SpoolMetrics>();
        await Services.GetRequiredService<AdminServer>().StartAsync(cancellationToken);
        await Services.GetRequiredService<PublicServer>().StartAsync(cancellationToken);
        Services.GetRequiredService<GridConnection>().Start();
        Services.GetRequiredService<EdgeReporter>().Start(Services.GetRequiredService<PublicServer>().Name);
        Services.GetRequiredService<FrontendReadiness>().MarkStarted();
    }

    private async Task StopHostAsync()
    {
        using var limit = new CancellationTokenSource(FlushTimeout - HandOverTimeout - EdgeReporter.GoodbyeMax, Services.GetRequiredService<TimeProvider>());
        await _host.StopAsync(limit.Token);
    }

    [LoggerMessage(EventIds.Starting, LogLevel.Information, "Starting {Version}, frontend; configuration file: {File}")]
    private partial void LogStarting(string version, string file);

    [LoggerMessage(EventIds.ConfigurationWarning, LogLevel.Warning, "Configuration: {Warning}")]
    private partial void LogWarning(ConfigurationWarning warning);

    [LoggerMessage(EventIds.Stopped, LogLevel.Information, "Stopped")]
    private partial void LogStopped();
}
