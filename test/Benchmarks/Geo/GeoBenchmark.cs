using System.Diagnostics;
using System.Globalization;
using Divolte.Grains.Geo;
using Divolte.TestKit.Geo;

namespace Divolte.Benchmarks.Geo;

/// <summary>Places: opening a database, an address that was asked for of late, and any address. <c>DIVOLTE_GEO_DATABASE</c> names a real database.</summary>
internal static class GeoBenchmark
{
    private const int Finds = 2_000_000;

    public static void Run(TextWriter output)
    {
        var path = Environment.GetEnvironmentVariable("DIVOLTE_GEO_DATABASE") ?? GeoDatabases.City;
        output.WriteLine($"places: {Path.GetFileName(path)}, {new FileInfo(path).Length:N0} bytes");
        for (var round = 0; round < 3; round++)
        {
            var opened = Stopwatch.GetTimestamp();
            _ = GeoLookup.Open(path);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  opening and checking {Stopwatch.GetElapsedTime(opened).TotalMilliseconds,10:F1} ms"));
        }
        var lookup = GeoLookup.Open(path);
        byte[] address = [81, 2, 69, 142];
        Measure(output, "the same address", lookup, _ => address);
        var random = new Random(1);
        var addresses = new byte[4096][];
        for (var index = 0; index < addresses.Length; index++)
            random.NextBytes(addresses[index] = new byte[4]);
        Measure(output, "4,096 addresses", lookup, index => addresses[index & 4095]);
        Measure(output, "any address", lookup, _ =>
        {
            random.NextBytes(address);
            return address;
        });
    }

    private static void Measure(TextWriter output, string what, GeoLookup lookup, Func<int, byte[]> addressOf)
    {
        for (var index = 0; index < Finds / 4; index++)
            lookup.Find(addressOf(index));
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        var found = 0;
        for (var index = 0; index < Finds; index++)
            found += lookup.Find(addressOf(index)) is null ? 0 : 1;
        var nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Finds;
        allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / Finds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-20} {nanoseconds,10:F0} ns {allocated,6} bytes, {found * 100L / Finds,3} % found"));
    }
}
