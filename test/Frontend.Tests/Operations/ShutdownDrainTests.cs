using Divolte.Frontend.Operations;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Tests.Requests;
using Divolte.TestKit.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Frontend.Tests.Operations;

public sealed class ShutdownDrainTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task DuringTheDelay_RequestsAreServed()
    {
        var drain = new ShutdownDrain(_time);
        var running = drain.RunAsync(Delay, Timeout, CancellationToken.None);

        Assert.Equal(DrainState.Leaving, drain.State);
        Assert.True(drain.TryEnter());
        drain.Leave();

        _time.Advance(Delay);
        Assert.True(await running);
        Assert.Equal(DrainState.Drained, drain.State);
        Assert.False(drain.TryEnter());
    }

    [Fact]
    public async Task RequestsUnderWay_AreWaitedFor()
    {
        var drain = new ShutdownDrain(_time);
        Assert.True(drain.TryEnter());
        var running = drain.RunAsync(TimeSpan.Zero, Timeout, CancellationToken.None);
        Assert.Equal(DrainState.Closed, drain.State);
        Assert.False(drain.TryEnter());
        Assert.False(running.IsCompleted);

        drain.Leave();

        Assert.True(await running);
    }

    [Fact]
    public async Task RequestsThatTakeTooLong_AreNotWaitedFor()
    {
        var drain = new ShutdownDrain(_time);
        Assert.True(drain.TryEnter());
        var running = drain.RunAsync(TimeSpan.Zero, Timeout, CancellationToken.None);

        _time.Advance(Timeout);

        Assert.False(await running);
        Assert.Equal(DrainState.Drained, drain.State);
        Assert.Equal(1, drain.UnderWay);
    }

    [Fact]
    public async Task Cancellation_CutsBothWaitsShort()
    {
        var drain = new ShutdownDrain(_time);
        Assert.True(drain.TryEnter());
        using var hurry = new CancellationTokenSource();
        var running = drain.RunAsync(Delay, Timeout, hurry.Token);

        await hurry.CancelAsync();

        Assert.False(await running);
        Assert.Equal(DrainState.Drained, drain.State);
    }

    [Fact]
    public async Task Ping_SaysSoAndTheGateRefusesLater()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        await using var kept = await RawConnection.OpenAsync(frontend.Port);
        await kept.SendAsync("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await kept.ReceiveAsync())!.Status);
        using var delay = new CancellationTokenSource();
        var running = frontend.Drain.RunAsync(Timeout, Timeout, delay.Token);

        var leaving = await frontend.GetAsync("/ping");
        var served = await frontend.GetAsync("/csc-event");
        await delay.CancelAsync();
        await running;
        var refused = await frontend.GetAsync("/ping");
        await kept.SendAsync("GET /csc-event HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var refusedOnKept = await kept.ReceiveAsync();

        Assert.Equal((503, "No p*ng for you, shutting down"), (leaving.Status, leaving.Text));
        Assert.Equal("text/plain; charset=utf-8", leaving.Header("Content-Type"));
        Assert.Equal(200, served.Status);
        Assert.Equal((503, "", null, null), (refused.Status, refused.Text, refused.Header("Server"), refused.Header("Content-Type")));
        Assert.Equal(503, refusedOnKept!.Status);
    }

    [Fact]
    public async Task RequestThatWaitsForItsEvent_IsUnderWay()
    {
        var durable = new TaskCompletionSource<SubmitOutcome>();
        await using var frontend = await RunningFrontend.StartAsync(outcome: _ => new ValueTask<SubmitOutcome>(durable.Task));
        var answer = frontend.GetAsync("/csc-event?p=0:1:p&s=0:1:s&v=v&e=e&c=1&n=f&f=f");
        await frontend.SubmittedAsync(1);
        var running = frontend.Drain.RunAsync(TimeSpan.Zero, Timeout, CancellationToken.None);
        Assert.False(running.IsCompleted);

        durable.SetResult(SubmitOutcome.Durable);

        Assert.Equal(200, (await answer).Status);
        Assert.True(await running);
    }
}
