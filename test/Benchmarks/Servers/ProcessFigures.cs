using System.Diagnostics;
using System.Globalization;

namespace Divolte.Benchmarks.Servers;

/// <summary>What the kernel says about a process and its children, from <c>/proc</c>.</summary>
internal static class ProcessFigures
{
    /// <summary>Linux counts in hundredths of a second, on every architecture that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>User and system time of a process and its direct children, in seconds.</summary>
    public static double CpuSeconds(int processId) =>
        FamilyOf(processId).Sum(id => TicksOf(id)) / TicksPerSecond;

    /// <summary>Resident memory of one process in MiB.</summary>
    public static double ResidentMebibytes(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Waits until a process has next to nothing left to do: less than 2 % of a core over half a second, three times; at most half a minute, on a machine that is busy with something else.</summary>
    public static void WaitUntilIdle(int processId)
    {
        var clock = Stopwatch.StartNew();
        for (var calm = 0; calm < 3 && clock.Elapsed < TimeSpan.FromSeconds(30);)
        {
            var before = CpuSeconds(processId);
            Thread.Sleep(500);
            calm = CpuSeconds(processId) - before <= 0.011 ? calm + 1 : 0;
        }
    }

    private static IEnumerable<int> FamilyOf(int processId)
    {
        yield return processId;
        var children = $"/proc/{processId}/task/{processId}/children";
        foreach (var child in File.Exists(children) ? File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [])
            yield return int.Parse(child, CultureInfo.InvariantCulture);
    }

    private static long TicksOf(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
