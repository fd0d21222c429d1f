using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Divolte.Frontend.Listening;

/// <summary>
/// One plain HTTP/1 listener with its pipeline. Kestrel without a web host around it: a process has two (public and admin), each starts and stops at its own
/// moment, and what one serves cannot be reached through the other.
/// </summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private readonly KestrelServer _server;

    /// <param name="host">Address or host name to bind; null for loopback only.</param>
    /// <param name="port">TCP port; 0 takes a free one.</param>
    /// <param name="configure">Limits of this listener.</param>
    /// <param name="loggers">Where Kestrel logs to.</param>
    /// <param name="neverBlocks">Whether the pipeline may run on the threads that wait for all sockets: see <see cref="InlineSockets"/>.</param>
    public HttpServer(string? host, int port, Action<KestrelServerOptions> configure, ILoggerFactory loggers, bool neverBlocks = false)
    {
        Host = host;
        Port = port;
        var options = new KestrelServerOptions { AddServerHeader = false };
        configure(options);
        options.Listen(AddressOf(host, port), port, listen => listen.Protocols = HttpProtocols.Http1);
        _server = new KestrelServer(
            Options.Create(options),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions { UnsafePreferInlineScheduling = neverBlocks }), loggers),
            loggers);
    }

    /// <summary>What the configuration says; null for loopback only.</summary>
    public string? Host { get; }

    /// <summary>The port that is bound, once started; before that the one asked for.</summary>
    public int Port { get; private set; }

    /// <summary>Binds and listens.</summary>
    /// <param name="pipeline">Answers every request.</param>
    /// <param name="scopes">Makes the services of a request, for pipelines that ask for them; null when none does.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <exception cref="ListenException">The address or port cannot be bound.</exception>
    public async Task StartAsync(RequestDelegate pipeline, IServiceScopeFactory? scopes, CancellationToken cancellationToken)
    {
        try
        {
            await _server.StartAsync(new PipelineApplication(pipeline, scopes), cancellationToken);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            throw new ListenException($"Cannot listen on {Host ?? "localhost"}:{Port}: the port is in use by another process.", error);
        }
        catch (SocketException error)
        {
            throw new ListenException($"Cannot listen on {Host ?? "localhost"}:{Port}: {error.Message}", error);
        }
        Port = BoundPort();
    }

    /// <summary>Stops listening and ends the connections: idle ones at once, busy ones when their request ends or the token is cancelled.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }

    private static IPAddress AddressOf(string? host, int port)
    {
        if (host is null)
            return IPAddress.Loopback;
        if (IPAddress.TryParse(host, out var address))
            return address;
        try
        {
            var addresses = Dns.GetHostAddresses(host);
            return Array.Find(addresses, found => found.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
        }
        catch (Exception error) when (error is SocketException or ArgumentException or IndexOutOfRangeException)
        {
            throw new ListenException($"Cannot listen on {host}:{port}: the host name has no address.", error);
        }
    }

    private int BoundPort()
    {
        var address = _server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return address is null ? Port : BindingAddress.Parse(address).Port;
    }

    /// <summary>Runs the pipeline. The context of a connection is used again for its next request, as a web host would.</summary>
    private sealed class PipelineApplication(RequestDelegate pipeline, IServiceScopeFactory? scopes) : IHttpApplication<DefaultHttpContext>
    {
        public DefaultHttpContext CreateContext(IFeatureCollection contextFeatures)
        {
            if (contextFeatures is not IHostContextContainer<DefaultHttpContext> connection)
                return Fresh(contextFeatures);
            if (connection.HostContext is { } used)
                used.Initialize(contextFeatures);
            else
                connection.HostContext = Fresh(contextFeatures);
            return connection.HostContext;
        }

        public Task ProcessRequestAsync(DefaultHttpContext context) => pipeline(context);

        public void DisposeContext(DefaultHttpContext context, Exception? exception)
        {
            // Kestrel has logged the exception already, and answered 500 if it still could.
            context.Uninitialize();
        }

        private DefaultHttpContext Fresh(IFeatureCollection features)
        {
            var context = new DefaultHttpContext(features);
            if (scopes is not null)
                context.ServiceScopeFactory = scopes;
            return context;
        }
    }
}
