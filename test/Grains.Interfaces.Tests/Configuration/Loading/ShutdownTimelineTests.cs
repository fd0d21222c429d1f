using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Loading;

public class ShutdownTimelineTests
{
    [Fact]
    public void Timeline_AddsDelayTimeoutAndFlush() =>
        Assert.Equal(
            """
            On SIGTERM or SIGINT:
                    0 s  /ping answers 503, everything else goes on (shutdown_delay = 20 seconds)
                   20 s  new requests are refused with 503, those under way may finish (shutdown_timeout = 5 seconds)
                   25 s  at the latest: connections are closed; batches, journal and sinks finish (up to 10 seconds)
                   35 s  at the latest: the process ends
            Give it a grace period of at least 35 s before it is killed (terminationGracePeriodSeconds, stop_grace_period, TimeoutStopSec).

            """,
            ShutdownTimeline.Render(
                new ServerOptions { ShutdownDelay = TimeSpan.FromSeconds(20), ShutdownTimeout = TimeSpan.FromSeconds(5) },
                TimeSpan.FromSeconds(10)));

    [Fact]
    public void NegativeDelay_CountsAsNone() =>
        Assert.Contains(
            "at least 10.5 s",
            ShutdownTimeline.Render(
                new ServerOptions { ShutdownDelay = TimeSpan.FromSeconds(-20), ShutdownTimeout = TimeSpan.FromMilliseconds(500) },
                TimeSpan.FromSeconds(10)),
            StringComparison.Ordinal);
}
