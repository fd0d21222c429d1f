using System.Diagnostics;
using System.Globalization;

namespace Divolte.Faults.Tests.Grid;

/// <summary>Resident memory of processes: what they have a minute after they were seen first, and how far they grow beyond that.</summary>
internal sealed class MemoryWatch
{
    /// <summary>Caches, buffers and compiled code have grown by then.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(1);

    /// <summary>What a collector of garbage may leave for later.</summary>
    private const int GrowthMaxMebibytes = 128;

    private readonly Dictionary<int, Watched> _watched = [];

    /// <summary>Processes that grew by more than <see cref="GrowthMaxMebibytes"/> after their first minute.</summary>
    public IEnumerable<string> Excesses => _watched.Values.Where(one => one.Growth > GrowthMaxMebibytes).Select(one => one.ToString());

    /// <summary>Takes the size of each.</summary>
    /// <returns>The sizes in words.</returns>
    public string Look(IEnumerable<(string Name, int ProcessId)> processes)
    {
        var words = new List<string>();
        foreach (var (name, processId) in processes)
        {
            if (SizeOf(processId) is not { } size)
                continue; // it ended just now
            if (!_watched.TryGetValue(processId, out var watched))
                _watched.Add(processId, watched = new Watched(name));
            watched.See(size);
            words.Add($"{name} {size}");
        }
        return string.Join(", ", words);
    }

    /// <summary>The processes that were seen for more than a minute.</summary>
    public string Describe() =>
        $"memory (at most {GrowthMaxMebibytes} MiB of growth after a minute): {string.Join("; ", _watched.Values.Where(one => one.IsWarm).Select(one => one.ToString()))}";

    private static long? SizeOf(int processId)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private sealed class Watched(string name)
    {
        private readonly long _since = Stopwatch.GetTimestamp();
        private long _largestOfWarmUp;
        private long _largest;

        public bool IsWarm => _largest > 0;

        public long Growth => _largest - _largestOfWarmUp;

        public void See(long size)
        {
            if (Stopwatch.GetElapsedTime(_since) < WarmUp)
                _largestOfWarmUp = Math.Max(_largestOfWarmUp, size);
            else
                _largest = Math.Max(_largest, size);
        }

        public override string ToString() => $"{name} {_largestOfWarmUp} MiB in its first minute, {_largest} after";
    }
}
