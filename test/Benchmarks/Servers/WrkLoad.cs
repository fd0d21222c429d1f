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

/// <summary>Runs wrk under the script that makes unique, valid browser events.</summary>
internal static partial class WrkLoad
{
    private static int _seed = 1;

    public static WrkResult Run(int port, int connections, TimeSpan duration)
    {
        var load = Path.Combine(RepositoryPaths.Root, "test", "Benchmarks", "load");
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[]
        {
            "-t1", $"-c{connections}", $"-d{(int)duration.TotalSeconds}", "--latency", "-s", Path.Combine(load, "browser-events.lua"), $"http://127.0.0.1:{port}",
        })
            start.ArgumentList.Add(argument);
        start.Environment["AGENTS"] = Path.Combine(load, "agents.txt");
        // Another seed for each run: events must not repeat those of an earlier one.
        start.Environment["SEED"] = (_seed++).ToString(CultureInfo.InvariantCulture);
        using var wrk = Process.Start(start)!;
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
