using Divolte.Frontend.Clustering;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Operations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Frontend.Tests.Clustering;

public sealed class GridConnectionTests : IAsyncDisposable
{
    private static readonly GridProbe Healthy = new(64, 4, "party", CanAppend: true, "", GridFormat.Latest);

    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource _connected = new();
    private readonly GridConnection _connection;
    private Func<Task<GridProbe>> _probe = () => Task.FromResult(Healthy);
    private int _sent;
    private int _reported;

    public GridConnectionTests() => _connection = new GridConnection(
        new GridOptions(),
        token => _connected.Task.WaitAsync(token),
        () => _probe(),
        (batch, _) =>
        {
            _sent++;
            return Task.FromResult(BatchReceipt.Uniform(batch.EventCount, EventVerdict.Accepted));
        },
        _ =>
        {
            _reported++;
            return Task.CompletedTask;
        },
        _time,
        NullLogger<GridConnection>.Instance);

    public async ValueTask DisposeAsync()
    {
        await _connection.StopAsync();
        _connection.Dispose();
    }

    [Fact]
    public async Task NotConnected_NothingIsSentAndReadinessTells()
    {
        _connection.Start();

        await Assert.ThrowsAsync<IOException>(SendAsync);
        await Assert.ThrowsAsync<IOException>(ReportAsync);
        Assert.NotNull(_connection.Obstacle);
        Assert.Equal((0, 0), (_sent, _reported));
    }

    [Fact]
    public async Task SameNumbers_EventsPass()
    {
        await ConnectAsync();

        await SendAsync();
        await ReportAsync();

        Assert.Null(_connection.Obstacle);
        Assert.Equal((1, 1), (_sent, _reported));
    }

    [Theory]
    [InlineData(65, 4, "party", 1, "shards = 65")]
    [InlineData(64, 5, "party", 1, "queues = 5")]
    [InlineData(64, 4, "uri", 1, "route_by = uri")]
    [InlineData(64, 4, "party", 0, "format 0")]
    [InlineData(64, 4, "party", GridFormat.Latest + 1, "writes format")]
    public async Task OtherNumbers_RefuseForGood(int shards, int queues, string routeBy, int format, string expected)
    {
        _probe = () => Task.FromResult(new GridProbe(shards, queues, routeBy, CanAppend: true, "", format));
        await ConnectAsync();

        Assert.Contains(expected, await _connection.Refused, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(SendAsync);
    }

    [Fact]
    public async Task JournalWithoutRoom_IsAnObstacle_UntilItHasSome()
    {
        _probe = () => Task.FromResult(Healthy with { CanAppend = false, Reason = "disk full" });
        await ConnectAsync();
        Assert.Equal("journal: disk full", _connection.Obstacle);

        _probe = () => Task.FromResult(Healthy);
        await AdvanceUntilAsync(() => _connection.Obstacle is null);
    }

    [Fact]
    public async Task SiloWithoutAnswer_IsAnObstacle_AndEventsAreStillTried()
    {
        await ConnectAsync();
        _probe = () => Task.FromException<GridProbe>(new TimeoutException("scripted"));

        await AdvanceUntilAsync(() => _connection.Obstacle is not null);

        Assert.Contains("scripted", _connection.Obstacle, StringComparison.Ordinal);
        await SendAsync();
    }

    [Fact]
    public async Task SilentSilo_IsGivenUpInTime()
    {
        _probe = () => new TaskCompletionSource<GridProbe>().Task;
        _connected.SetResult();
        _connection.Start();

        await AdvanceUntilAsync(() => _connection.Obstacle?.StartsWith("no silo answers", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task ClientThatCannotStart_IsTold()
    {
        _connected.SetException(new InvalidOperationException("scripted"));
        _connection.Start();

        await AdvanceUntilAsync(() => _connection.Obstacle?.Contains("scripted", StringComparison.Ordinal) == true);
    }

    private async Task ConnectAsync()
    {
        _connected.SetResult();
        _connection.Start();
        await AdvanceUntilAsync(() => _connection.Obstacle != "not yet connected to a silo");
    }

    private Task<BatchReceipt> SendAsync() =>
        _connection.SendAsync(new EventBatch { Frontend = Guid.Empty, Parts = default, EventCount = 0 }, TestContext.Current.CancellationToken);

    private Task ReportAsync() => _connection.ReportAsync(new EdgeReport(Guid.Empty, "", default, [], Format: 1));

    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        for (var step = 0; !condition(); step++)
        {
            Assert.True(step < 1000, $"still: {_connection.Obstacle}");
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }
}
