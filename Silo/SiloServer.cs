using Divolte.Frontend;
using Divolte.Frontend.Hosting;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Telemetry;
using Divolte.Grains;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Journal;
using Divolte.Grains.Mapping;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Kafka;
using Divolte.Grains.Sinks.Progress;
using Divolte.Silo.CommandLine;
using Divolte.Silo.Operations;
using Orleans.Runtime;

namespace Divolte.Silo;

/// <summary>
/// The running process. It starts from the inside out, so that the first request finds everything it needs, and stops from the outside in, so that nothing
/// that was taken is left behind.
/// </summary>
internal sealed partial class SiloServer : IAsyncDisposable
{
    /// <summary>How long batches, journal and sinks may take to finish after the last request. What a sink has not confirmed by then waits in the journal.</summary>
    public static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How long events that were taken may need to become durable, of that time.</summary>
    private static readonly TimeSpan HandOverTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long sinks may need to take the last events, of that time.</summary>
    private static readonly TimeSpan CatchUpTimeout = TimeSpan.FromSeconds(5);

    private readonly IHost _host;
    private readonly ILogger _logger;
    private readonly StopSteps _stop;
    private bool _isHostStarted;

    private SiloServer(IHost host)
    {
        _host = host;
        _logger = host.Services.GetRequiredService<ILogger<SiloServer>>();
        _stop = new StopSteps(_logger);
    }

    public IServiceProvider Services => _host.Services;

    /// <summary>Ends when the host stopped by itself, which is never intended.</summary>
    public Task Broken { get; private set; } = Task.CompletedTask;

    /// <param name="loaded">A valid configuration.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="cluster">How silos find each other; by default as the configuration says.</param>
    /// <exception cref="Exception">It cannot start; what was started is stopped again. See <see cref="StartFailure"/>.</exception>
    public static async Task<SiloServer> StartAsync(ConfigurationResult loaded, CancellationToken cancellationToken, Action<ISiloBuilder>? cluster = null)
    {
        var server = new SiloServer(SiloServices.Build(loaded.Configuration, cluster));
        try
        {
            server.LogStarting(HelpText.Version, loaded.File ?? "none, defaults");
            foreach (var warning in loaded.Warnings.Select(warning => warning.ToString()).Concat(KafkaSinks.PropertyWarnings(loaded.Configuration)))
                server.LogWarning(warning);
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.AbandonAsync();
            throw;
        }
    }

    /// <summary>Stops gracefully. Trouble on the way is logged and holds up nothing behind it.</summary>
    public async Task StopAsync()
    {
        var services = _host.Services;
        await _stop.TryAsync("the public port", () => services.GetRequiredService<PublicServer>().StopAsync(HandOverTimeout));
        await _stop.TryAsync("the figures", () => services.GetRequiredService<EdgeReporter>().StopAsync());

        // In a grid another silo goes on with what waits.
        if (services.GetRequiredService<DivolteConfiguration>().Global.Grid.Store == GridStore.Local)
            await _stop.TryAsync("the sinks", () => services.GetRequiredService<SinkDrain>().CatchUpAsync(CatchUpTimeout));
        await _stop.TryAsync("the grains", StopHostAsync);
        await _stop.TryAsync("the admin port", () => services.GetRequiredService<AdminServer>().StopAsync(services.GetRequiredService<TimeProvider>()));
        await _stop.TryAsync("the telemetry", () => TelemetryExport.StopAsync(services));
        LogStopped();
    }

    public async ValueTask DisposeAsync()
    {
        // In reverse order of creation: the journal, created first, closes last.
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
        else
            _host.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var services = _host.Services;
        if (StartCheck.FindMissing(services.GetRequiredService<DivolteConfiguration>()).ToList() is { Count: > 0 } missing)
            throw new StartException(string.Join(Environment.NewLine, missing));
        _ = services.GetRequiredService<IJournal>();
        _ = services.GetRequiredService<MappingCatalog>();
        if (GrainServices.OpenSinks(services) is { Count: > 0 } problems)
            throw new StartException(string.Join(Environment.NewLine, problems));
        var sinks = services.GetRequiredService<SinkCatalog>().Active.Select(sink => sink.Name).ToList();
        await services.GetRequiredService<SinkCursors>().InitializeAsync(sinks, cancellationToken);
        foreach (var sink in sinks)
            LogSink(sink);
        await services.GetRequiredService<AdminServer>().StartAsync(cancellationToken);
        _isHostStarted = true;
        await _host.StartAsync(cancellationToken);
        Broken = BrokenAsync(services.GetRequiredService<IHostApplicationLifetime>());
        await WakeShardsAsync(services);
        if (services.GetRequiredService<DivolteConfiguration>().Global.Grid.IsServingHttp)
            await ServeAsync(services, cancellationToken);
        else
            LogWithoutPublicPort();
        services.GetRequiredService<Readiness>().MarkStarted();
    }

    private static async Task ServeAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var server = services.GetRequiredService<PublicServer>();
        await server.StartAsync(cancellationToken);
        services.GetRequiredService<EdgeReporter>().Start(server.Name);
    }

    /// <summary>
    /// Ends a start that failed. What runs already is stopped in order: torn down at once, it would fill the log with the trouble of that, and hide the one
    /// line that says why.
    /// </summary>
    private async Task AbandonAsync()
    {
        if (_isHostStarted)
            await _stop.TryAsync("the grains", StopHostAsync);
        await DisposeAsync();
    }

    /// <summary>Starts the shards, so that the first visitors do not wait for that and get 503 from a busy machine.</summary>
    private async Task WakeShardsAsync(IServiceProvider services)
    {
        var grains = services.GetRequiredService<IGrainFactory>();
        var shards = services.GetRequiredService<IJournal>().Parameters.Shards;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, shards).Select(shard => grains.GetGrain<IDeduplicationGrain>(shard).GetStatusAsync()));
        }
        catch (Exception trouble) when (trouble is OrleansException or TimeoutException)
        {
            LogShardsAsleep(trouble); // moving, or on a silo that died: they start with their first event
        }
    }

    private async Task StopHostAsync()
    {
        using var limit = new CancellationTokenSource(FlushTimeout - HandOverTimeout - EdgeReporter.GoodbyeMax - CatchUpTimeout, _host.Services.GetRequiredService<TimeProvider>());
        await _host.StopAsync(limit.Token);
    }

    private static Task BrokenAsync(IHostApplicationLifetime lifetime)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lifetime.ApplicationStopping.Register(stopping.SetResult);
        return stopping.Task;
    }

    [LoggerMessage(EventIds.Starting, LogLevel.Information, "Starting {Version}; configuration file: {File}")]
    private partial void LogStarting(string version, string file);

    [LoggerMessage(EventIds.ShardsAsleep, LogLevel.Warning, "Not all shards could be started; the others start with their first event")]
    private partial void LogShardsAsleep(Exception trouble);

    [LoggerMessage(EventIds.ConfigurationWarning, LogLevel.Warning, "Configuration: {Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(EventIds.SinkOpened, LogLevel.Information, "Sink {Sink} initialised")]
    private partial void LogSink(string sink);

    [LoggerMessage(EventIds.WithoutPublicPort, LogLevel.Information, "No public port: divolte.global.grid.http keeps it closed, frontends serve it")]
    private partial void LogWithoutPublicPort();

    [LoggerMessage(EventIds.Stopped, LogLevel.Information, "Stopped")]
    private partial void LogStopped();
}
