using System.Globalization;

namespace Divolte.Benchmarks.Servers;

/// <summary>How long a durable answer takes at half of what the server can do: open loop, so that a pause of the server is seen by all who would have come.</summary>
internal static class LatencyBenchmark
{
    private const int Seconds = 20;

    public static void Run(string program, TextWriter output)
    {
        using var silo = MeasuredServer.Silo("latency", program, ServersBenchmark.Configuration("durable", ServersBenchmark.FileSink));
        _ = WrkLoad.Run(silo, TimeSpan.FromSeconds(10));
        var most = WrkLoad.Run(silo, TimeSpan.FromSeconds(5)).RequestsPerSecond;
        ProcessFigures.WaitUntilIdle(silo.ProcessId);
        var rate = Math.Floor(most / 2);
        using var load = new OpenLoopLoad(silo.Port);
        _ = load.Run(rate, (long)(rate * 5));
        var result = load.Run(rate, (long)(rate * Seconds));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"durable answers at {rate:0} events/s, half of {most:0}, open loop for {Seconds} s: p50 {result.P50:0.0} ms, p99 {result.P99:0.0} ms, longest {result.Worst:0.0} ms; {result.Failures} failures, {result.Late} sent late"));
        Scorecard.Add("p99 of a durable answer at half load", result.P99, "ms", 25, 10, $"{rate:0} events/s, {result.Failures} failures");
    }
}
