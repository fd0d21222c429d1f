using Divolte.Frontend.Listening;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Requests;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Frontend;

/// <summary>The public port, from listening to the last event handed over.</summary>
internal sealed partial class PublicServer(
    DivolteConfiguration configuration,
    EventSubmitter submitter,
    ShutdownDrain drain,
    FrontendMetrics metrics,
    TimeProvider time,
    ILoggerFactory loggers) : IAsyncDisposable
{
    /// <summary>How long connections may take to close when no request is left: none should be busy.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers.CreateLogger<PublicServer>();
    private HttpServer? _server;

    /// <summary>The port that is bound; 0 before the start.</summary>
    public int Port => _server?.Port ?? 0;

    /// <summary>Where it listens, for people: the host's name and the port.</summary>
    public string Name => $"{Environment.MachineName}:{Port}";

    /// <exception cref="ListenException">The address or port cannot be bound.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var options = configuration.Global.Server;
        var pipeline = FrontendPipeline.Build(configuration, submitter, drain, metrics, time, loggers);
        _server = new HttpServer(options.Host, options.Port, kestrel => FrontendPipeline.ConfigureKestrel(kestrel, pipeline.FastPath), loggers, neverBlocks: true);
        await _server.StartAsync(pipeline.Requests, scopes: null, cancellationToken);
        foreach (var source in configuration.Sources)
            LogServed(source);
        LogListening(options.Host ?? "localhost", Port);
    }

    /// <summary>
    /// The front half of a graceful stop: says so, waits <c>shutdown_delay</c>, refuses new requests, lets those under way end, stops listening and hands
    /// over what was taken. Afterwards nothing comes in any more.
    /// </summary>
    /// <remarks>A port that was never opened needs none of it.</remarks>
    /// <param name="handOverTimeout">How long events that were taken may need to become durable.</param>
    public async Task StopAsync(TimeSpan handOverTimeout)
    {
        var options = configuration.Global.Server;
        if (_server is null)
        {
            // Nothing to drain; who asks whether this process is ready hears that it stops.
            await drain.RunAsync(TimeSpan.Zero, TimeSpan.Zero, CancellationToken.None);
            return;
        }
        LogLeaving(options.ShutdownDelay);
        if (await drain.RunAsync(options.ShutdownDelay, options.ShutdownTimeout, CancellationToken.None))
            LogDrained();
        else
            LogAbandoned(drain.UnderWay, options.ShutdownTimeout);
        using (var close = new CancellationTokenSource(CloseTimeout, time))
            await _server.StopAsync(close.Token);
        using (var handOver = new CancellationTokenSource(handOverTimeout, time))
            await submitter.DrainAsync(handOver.Token);
        LogStopped();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private void LogServed(SourceOptions source)
    {
        switch (source)
        {
            case BrowserSourceOptions browser:
                LogBrowserSource(source.Name, browser.Prefix + browser.JavaScript.Name, browser.Prefix + browser.EventSuffix);
                break;
            case JsonSourceOptions json:
                LogJsonSource(source.Name, json.EventPath);
                break;
        }
    }

    [LoggerMessage(EventIds.BrowserSourceServed, LogLevel.Information, "Source {Source} initialised: script {ScriptPath}, events {EventPath}")]
    private partial void LogBrowserSource(string source, string scriptPath, string eventPath);

    [LoggerMessage(EventIds.JsonSourceServed, LogLevel.Information, "Source {Source} initialised: events {EventPath}")]
    private partial void LogJsonSource(string source, string eventPath);

    [LoggerMessage(EventIds.Listening, LogLevel.Information, "Listening on http://{Host}:{Port}/")]
    private partial void LogListening(string host, int port);

    [LoggerMessage(EventIds.Leaving, LogLevel.Information, "Stopping: ping answers 503, new requests are refused in {Delay}")]
    private partial void LogLeaving(TimeSpan delay);

    [LoggerMessage(EventIds.Drained, LogLevel.Information, "Stopping: all requests are answered")]
    private partial void LogDrained();

    [LoggerMessage(EventIds.Abandoned, LogLevel.Warning, "Stopping: {Count} requests are still under way after {Timeout} and are given up")]
    private partial void LogAbandoned(long count, TimeSpan timeout);

    [LoggerMessage(EventIds.Closed, LogLevel.Information, "Stopping: the port is closed and all events are handed over")]
    private partial void LogStopped();
}
