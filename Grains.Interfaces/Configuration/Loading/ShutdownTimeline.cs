using System.Globalization;
using System.Text;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary>What a stop will look like, second by second, so that whoever sets a grace period can see whether it is long enough.</summary>
public static class ShutdownTimeline
{
    /// <summary>Describes a stop.</summary>
    /// <param name="server">Delay and time-out.</param>
    /// <param name="flush">How long batches, journal and sinks may take to finish after the last request.</param>
    public static string Render(ServerOptions server, TimeSpan flush)
    {
        var delay = server.ShutdownDelay > TimeSpan.Zero ? server.ShutdownDelay : TimeSpan.Zero;
        var timeout = server.ShutdownTimeout > TimeSpan.Zero ? server.ShutdownTimeout : TimeSpan.Zero;
        var text = new StringBuilder("On SIGTERM or SIGINT:\n");
        Step(TimeSpan.Zero, $"/ping answers 503, everything else goes on (shutdown_delay = {HoconDuration.Format(delay)})");
        Step(delay, $"new requests are refused with 503, those under way may finish (shutdown_timeout = {HoconDuration.Format(timeout)})");
        Step(delay + timeout, $"at the latest: connections are closed; batches, journal and sinks finish (up to {HoconDuration.Format(flush)})");
        Step(delay + timeout + flush, "at the latest: the process ends");
        text.Append(CultureInfo.InvariantCulture, $"Give it a grace period of at least {Seconds(delay + timeout + flush)} before it is killed");
        return text.Append(" (terminationGracePeriodSeconds, stop_grace_period, TimeoutStopSec).\n").ToString();

        void Step(TimeSpan at, string what) => text.Append(CultureInfo.InvariantCulture, $"  {Seconds(at),9}  {what}\n");
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds * 10) / 10:0.#} s");
}
