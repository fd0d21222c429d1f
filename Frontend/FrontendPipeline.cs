using Divolte.Frontend.Browser;
using Divolte.Frontend.FastPath;
using Divolte.Frontend.Json;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Requests;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Divolte.Frontend;

/// <summary>Composes the public port from a configuration: every route, in order of precedence, behind one terminal delegate.</summary>
internal static partial class FrontendPipeline
{
    /// <summary>Upstream takes a whole request head of 1 MiB; a long page address and its parameters need it.</summary>
    private const int HeadBytesMax = 1 << 20;

    /// <summary>
    /// How long an idle connection is kept. Longer than balancers keep theirs (a minute, but 600 seconds with some): whoever closes first must be the one
    /// that sends, or a request meets a closing connection.
    /// </summary>
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(620);

    /// <summary>Longer than any process runs. An infinite one overflows in the server's timer, which then ends every connection at once.</summary>
    private static readonly TimeSpan NoTimeout = TimeSpan.FromDays(3650);

    /// <summary>The handler of every request on the public port.</summary>
    public static PublicPipeline Build(
        DivolteConfiguration configuration,
        EventSubmitter submitter,
        ShutdownDrain drain,
        FrontendMetrics metrics,
        TimeProvider time,
        ILoggerFactory loggers) =>
        Build(configuration, submitter.SubmitAsync, drain, metrics, time, loggers);

    /// <inheritdoc cref="Build(DivolteConfiguration, EventSubmitter, ShutdownDrain, FrontendMetrics, TimeProvider, ILoggerFactory)"/>
    internal static PublicPipeline Build(
        DivolteConfiguration configuration, SubmitEvent submit, ShutdownDrain drain, FrontendMetrics metrics, TimeProvider time, ILoggerFactory loggers)
    {
        var intake = new EventIntake(configuration, submit, metrics, time);
        var routes = RoutesOf(configuration, intake, drain, loggers.CreateLogger(typeof(FrontendPipeline)));
        IEndpoint fallback = configuration.Global.Server.ServeStaticResources ? new TestPageEndpoint(TestPage.Of(configuration)) : new NotFoundEndpoint();
        var gate = new ShutdownGate(new RequestRouter(routes, fallback, metrics).RouteAsync, drain, metrics);
        // Who wants to see every request sees every request.
        if (configuration.Global.Server.DebugRequests)
            return new PublicPipeline(new RequestLog(gate.HandleAsync, time, loggers.CreateLogger<RequestLog>()).HandleAsync, FastPath: null);
        var fastPath = new EventFastPath(routes, drain, metrics, time) { IdleTimeout = KeepAliveTimeout };
        return new PublicPipeline(gate.HandleAsync, fastPath.HasRoutes ? fastPath : null);
    }

    /// <summary>What the public listener must be told so that it refuses nothing that upstream takes. It speaks HTTP/1 only, without TLS.</summary>
    /// <param name="options">The options of the listener.</param>
    /// <param name="fastPath">Stands in front of the HTTP server; null for none.</param>
    public static void ConfigureKestrel(KestrelServerOptions options, EventFastPath? fastPath)
    {
        options.AddServerHeader = false;
        options.AllowHostHeaderOverride = true;
        options.Limits.MaxRequestLineSize = HeadBytesMax;
        options.Limits.MaxRequestHeadersTotalSize = HeadBytesMax;
        options.Limits.MaxRequestBufferSize = 2 * HeadBytesMax;
        options.Limits.MaxRequestHeaderCount = 2 * RequestRouter.HeaderCountMax;
        options.Limits.MaxRequestBodySize = null;
        // Whoever takes requests off the server's hands must also tell it when a connection is idle.
        options.Limits.KeepAliveTimeout = fastPath is null ? KeepAliveTimeout : NoTimeout;
        options.RequestHeaderEncodingSelector = EncodingOf;
        options.ResponseHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
        options.ConfigureEndpointDefaults(listener =>
        {
            listener.Use(AnswerHalfClosed);
            if (fastPath is not null)
                listener.Use(fastPath.Use);
        });
    }

    /// <summary>
    /// Headers are bytes, one character each. For the length the server's own way is left on: with another encoding it ends a connection without an answer,
    /// and with a stack trace in the log, when the number has more than twenty digits.
    /// </summary>
    private static System.Text.Encoding? EncodingOf(string header) =>
        header.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? null : System.Text.Encoding.Latin1;

    /// <summary>
    /// A client that has said all it wants to say and closes its side still reads its answer. The server takes the closed side for a lost client and gives
    /// the answer up, depending on which comes first; here only a failing write tells that the client is gone.
    /// </summary>
    private static ConnectionDelegate AnswerHalfClosed(ConnectionDelegate next) => connection =>
    {
        connection.ConnectionClosed = CancellationToken.None;
        return next(connection);
    };

    private static Dictionary<string, IEndpoint> RoutesOf(DivolteConfiguration configuration, EventIntake intake, ShutdownDrain drain, ILogger logger)
    {
        var routes = new Dictionary<string, IEndpoint>(StringComparer.Ordinal);
        foreach (var source in configuration.Sources)
        {
            switch (source)
            {
                case BrowserSourceOptions browser:
                    Add(browser.Prefix + "/" + browser.JavaScript.Name, new TrackingScriptEndpoint(TrackingScript.Of(browser, configuration.Global.Grid.DuplicateWindow)), source.Name);
                    Add(browser.Prefix + "/" + browser.EventSuffix, new BrowserEventEndpoint(browser, intake), source.Name);
                    break;
                case JsonSourceOptions json:
                    Add(json.EventPath, new JsonEventEndpoint(json, intake), source.Name);
                    break;
                default:
                    throw new InvalidOperationException($"A source of type {source.GetType().Name} has no endpoint.");
            }
        }
        foreach (var (file, contentType) in configuration.Global.Server.ServeStaticResources ? TestPage.Files : new Dictionary<string, string>())
            routes.TryAdd("/" + file, new PageFileEndpoint(TestPage.Resource(file), contentType));
        routes[PingEndpoint.Path] = new PingEndpoint(drain);
        return routes;

        void Add(string path, IEndpoint endpoint, string owner)
        {
            var route = RequestPath.OfConfiguration(path);
            if (!routes.TryAdd(route, endpoint) || route == PingEndpoint.Path)
                LogRouteTaken(logger, route, owner);
        }
    }

    [LoggerMessage(EventIds.RouteTaken, LogLevel.Warning, "The path {Path} is taken already: source {Source} gets no requests there")]
    private static partial void LogRouteTaken(ILogger logger, string path, string source);
}
