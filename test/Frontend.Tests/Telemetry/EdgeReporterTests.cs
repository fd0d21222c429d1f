using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Operations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Frontend.Tests.Telemetry;

public sealed class EdgeReporterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FrontendMetrics _metrics = new();
    private readonly FrontendInstance _instance = FrontendInstance.New();
    private readonly List<EdgeReport> _sent = [];
    private readonly EdgeReporter _reporter;
    private Func<Task> _send = () => Task.CompletedTask;

    public EdgeReporterTests() => _reporter = new EdgeReporter(
        _instance,
        _metrics,
        report =>
        {
            _sent.Add(report);
            return _send();
        },
        _time,
        NullLogger<EdgeReporter>.Instance);

    public void Dispose()
    {
        _reporter.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void Figures_AreToldAtOnceAndOnceASecond()
    {
        _metrics.Source("browser").CountReceived();
        _reporter.Start("host:8290");
        var first = Assert.Single(_sent);
        Assert.Equal((_instance.Id, "host:8290", _time.GetUtcNow(), GridFormat.Latest), (first.Instance, first.Name, first.StartedAt, first.Format));

        _metrics.Source("browser").CountReceived();
        _metrics.Source("browser").CountDropped(DropReason.PartyId);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, _sent.Count);
        Assert.Equal(first.StartedAt, _sent[1].StartedAt);
        var source = Assert.Single(_sent[1].Sources);
        Assert.Equal(("browser", 2, 1, 1), (source.Source, source.Received, source.Accepted, source.Dropped[DropReason.PartyId]));
    }

    [Fact]
    public async Task NoPublicPort_NothingIsTold()
    {
        await _reporter.ReportAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(10));
        await _reporter.StopAsync();

        Assert.Empty(_sent);
    }

    [Fact]
    public void GridThatFails_IsToldAgain()
    {
        _send = () => Task.FromException(new IOException("scripted"));
        _reporter.Start("host:8290");

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public void GridThatHangs_IsGivenUpAndToldAgain()
    {
        _send = () => new TaskCompletionSource().Task;
        _reporter.Start("host:8290");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(_sent); // one call at a time

        for (var step = 0; step < 4; step++)
            _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public async Task Stop_TellsTheLastFiguresAndThenNothing()
    {
        _reporter.Start("host:8290");
        _metrics.Source("browser").CountReceived();

        await _reporter.StopAsync();
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(2, _sent.Count);
        Assert.Equal(1, Assert.Single(_sent[1].Sources).Received);
    }

    [Fact]
    public async Task StopWhileTheGridHangs_EndsAllTheSame()
    {
        _send = () => new TaskCompletionSource().Task;
        _reporter.Start("host:8290");

        var stop = _reporter.StopAsync();
        for (var step = 0; !stop.IsCompleted; step++)
        {
            Assert.True(step < 100_000, "It waits for ever.");
            await Task.Yield();
            _time.Advance(EdgeReporter.GoodbyeMax / 10);
        }

        await stop;
        Assert.Equal(2, _sent.Count);
    }
}
