using System.Net;
using Divolte.Frontend.Listening;
using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Frontend.Operations;

/// <summary>The admin port. Whether it can be opened is never a reason not to serve events.</summary>
internal sealed partial class AdminServer(DivolteConfiguration configuration, IServiceProvider services, ILoggerFactory loggers) : IAsyncDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromMilliseconds(500);

    private readonly ILogger _logger = loggers.CreateLogger<AdminServer>();
    private HttpServer? _server;

    /// <summary>The port that is bound; 0 before the start.</summary>
    public int Port => _server?.Port ?? 0;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var options = configuration.Global.Admin;
        try
        {
            _server = new HttpServer(options.Host, options.Port, static _ => { }, loggers);
            await _server.StartAsync(AdminEndpoints.Build(services), services.GetRequiredService<IServiceScopeFactory>(), cancellationToken);
        }
        catch (ListenException trouble)
        {
            LogUnavailable(trouble.Message);
            return;
        }
        LogListening(options.Host, _server.Port);
        if (string.IsNullOrEmpty(options.Token) && !(IPAddress.TryParse(options.Host, out var address) && IPAddress.IsLoopback(address)))
            LogExposed(options.Host);
    }

    public async Task StopAsync(TimeProvider time)
    {
        if (_server is null)
            return;
        using var close = new CancellationTokenSource(CloseTimeout, time);
        await _server.StopAsync(close.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [LoggerMessage(EventIds.AdminListening, LogLevel.Information, "Admin port on http://{Host}:{Port}/: live, ready, metrics, status")]
    private partial void LogListening(string host, int port);

    [LoggerMessage(EventIds.AdminUnavailable, LogLevel.Warning, "No admin port: {Reason} Events are served all the same; divolte.global.admin.port = 0 takes a free port")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(EventIds.AdminExposed, LogLevel.Information, "The admin port is open to other hosts on {Host} without divolte.global.admin.token: status and dashboard are for this host only")]
    private partial void LogExposed(string host);
}
