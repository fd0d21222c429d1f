using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Divolte.TestKit.Processes;

namespace Divolte.Benchmarks.Servers;

/// <summary>What one run of wrk saw.</summary>
/// <param name="Requests">Answers that came.</param>
/// <param name="RequestsPerSecond">Their rate.</param>
/// <param name="P50">Median latency in milliseconds, closed loop.</param>
/// <param name="P99">99th percentile in milliseconds, closed loop.</param>
/// <param name="Failures">Answers that were no success, and socket errors.</param>
internal sealed record WrkResult(long Requests, double RequestsPerSecond, double P50, double P99, long Failures);

/// <summary>
/// Runs wrk with unique, valid browser events that are made before the run: making them takes wrk as much processor time as a whole server takes for
/// them, on the same cores.
/// </summary>
internal static partial class WrkLoad
{
    /// <summary>Connections that send at a time, each as soon as it has its answer.</summary>
    public const int Connections = 64;

    /// <summary>More than a server that does something with its events answers here; should it not be, wrk makes the rest while it runs.</summary>
    private const int PreparedPerSecond = 25_000;

    /// <summary>For a server that looks at no event, and may get one twice.</summary>
    private const int PreparedToRepeat = 20_000;

    private static int _seed = 1;

    /// <param name="server">Gets the events.</param>
    /// <param name="duration">Whole seconds.</param>
    /// <exception cref="InvalidOperationException">wrk failed.</exception>
    public static WrkResult Run(MeasuredServer server, TimeSpan duration)
    {
        using var wrk = Start(server.Port, Connections, server.IsYardstick ? PreparedToRepeat : PreparedPerSecond * (int)duration.TotalSeconds, server.IsYardstick, duration);
        return Read(wrk);
    }

    /// <summary>Sends to several servers at the same time, an equal share of the connections to each.</summary>
    /// <param name="ports">Get the events.</param>
    /// <param name="connections">Of all together.</param>
    /// <param name="duration">Whole seconds.</param>
    /// <returns>Of all together; latencies are those of the slowest.</returns>
    /// <exception cref="InvalidOperationException">wrk failed.</exception>
    public static WrkResult Run(IReadOnlyList<int> ports, int connections, TimeSpan duration)
    {
        var prepared = PreparedPerSecond * (int)duration.TotalSeconds / ports.Count;
        var all = ports.Select(port => Start(port, connections / ports.Count, prepared, isRepeated: false, duration)).ToList();
        try
        {
            var results = all.Select(Read).ToList();
            return new WrkResult(
                results.Sum(result => result.Requests),
                results.Sum(result => result.RequestsPerSecond),
                results.Max(result => result.P50),
                results.Max(result => result.P99),
                results.Sum(result => result.Failures));
        }
        finally
        {
            all.ForEach(wrk => wrk.Dispose());
        }
    }

    private static Process Start(int port, int connections, int prepared, bool isRepeated, TimeSpan duration)
    {
        var load = Path.Combine(RepositoryPaths.Root, "test", "Benchmarks", "load");
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[]
        {
            "-t1", $"-c{connections}", $"-d{(int)duration.TotalSeconds}", "--latency", "-s", Path.Combine(load, "prepared-events.lua"), $"http://127.0.0.1:{port}",
        })
            start.ArgumentList.Add(argument);
        start.Environment["AGENTS"] = Path.Combine(load, "agents.txt");
        // Another seed for each run: events must not repeat those of an earlier one.
        start.Environment["SEED"] = (_seed++).ToString(CultureInfo.InvariantCulture);
        start.Environment["PREPARED"] = prepared.ToString(CultureInfo.InvariantCulture);
        start.Environment["REPEAT"] = isRepeated ? "1" : "0";
        return Process.Start(start)!;
    }

    private static WrkResult Read(Process wrk)
    {
        var text = wrk.StandardOutput.ReadToEnd();
        wrk.WaitForExit();
        if (wrk.ExitCode != 0)
            throw new InvalidOperationException($"wrk ended with exit code {wrk.ExitCode}: {wrk.StandardError.ReadToEnd()}{text}");
        return new WrkResult(
            long.Parse(Requests().Match(text).Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            double.Parse(Rate().Match(text).Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            Milliseconds(Median().Match(text)),
            Milliseconds(NinetyNine().Match(text)),
            (NotSuccess().Match(text) is { Success: true } bad ? long.Parse(bad.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0)
                + SocketErrors().Match(text).Groups.Values.Skip(1).Where(group => group.Success).Sum(group => long.Parse(group.ValueSpan, CultureInfo.InvariantCulture)));
    }

    private static double Milliseconds(Match match)
    {
        var value = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch { "us" => value / 1000, "ms" => value, "s" => value * 1000, _ => value * 60_000 };
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"50%\s+([\d.]+)(us|ms|s|m)")]
    private static partial Regex Median();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s|m)")]
    private static partial Regex NinetyNine();

    [GeneratedRegex(@"Non-2xx or 3xx responses:\s+(\d+)")]
    private static partial Regex NotSuccess();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex SocketErrors();
}
