using System.Collections.Concurrent;
using Divolte.Grains.Interfaces.Configuration;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

public sealed class RequestLogTests
{
    [Fact]
    public async Task Line_TellsTheAnswerButNothingOfTheVisitor()
    {
        using var log = new KeptLog();
        var global = new GlobalOptions { Server = new ServerOptions { DebugRequests = true, UseXForwardedFor = true } };
        await using var frontend = await RunningFrontend.StartAsync(new DivolteConfiguration { Global = global }, loggers: log);

        await frontend.GetAsync("/csc-event?p=0:1:visitor", "Cookie: _dvp=secret\r\nX-Forwarded-For: 10.1.2.3\r\n");

        var line = Assert.Single(log.Lines, line => line.Contains("/csc-event", StringComparison.Ordinal));
        Assert.StartsWith("GET /csc-event: 3 headers", line, StringComparison.Ordinal);
        Assert.Contains("-> 200, length 37", line, StringComparison.Ordinal);
        Assert.DoesNotContain("visitor", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
        Assert.DoesNotContain("10.1.2.3", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoSourcesOnOnePath_AreWarnedOf()
    {
        using var log = new KeptLog();
        var sources = new SourceOptions[] { new BrowserSourceOptions { Name = "one" }, new JsonSourceOptions { Name = "two", EventPath = "/csc-event" } };

        await using var frontend = await RunningFrontend.StartAsync(new DivolteConfiguration { Sources = sources }, loggers: log);

        Assert.Contains("The path /csc-event is taken already: source two gets no requests there", log.Lines);
    }

    private sealed class KeptLog : ILoggerFactory, ILogger
    {
        public ConcurrentBag<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Lines.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
