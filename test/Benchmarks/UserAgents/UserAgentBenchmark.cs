using System.Diagnostics;
using System.Globalization;
using System.Text;
using Divolte.Grains.UserAgents;
using Divolte.Grains.UserAgents.Rules;
using Divolte.Grains.UserAgents.Vocabulary;

namespace Divolte.Benchmarks.UserAgents;

/// <summary>User agents: reading the rules, a header that is new, one that is remembered, and headers that are made to take long.</summary>
internal static class UserAgentBenchmark
{
    private static readonly string[] Headers =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{0}.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{0}.0.0.0 Safari/537.36 Edg/{0}.0.0.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.{0} Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{0} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.{0} Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{0}.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/{0}.0 Chrome/115.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
        "Mozilla/5.0 (iPad; CPU OS 16_{0} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0.6099.119 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (compatible; Googlebot/2.{0}; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 OPR/{0}.0.0.0",
    ];

    public static void Run(TextWriter output)
    {
        var started = Stopwatch.GetTimestamp();
        var lists = RuleSet.ReadEmbeddedLists();
        var tables = VocabularyTables.ReadEmbedded();
        Print(output, "reading rules and tables", Stopwatch.GetElapsedTime(started));
        started = Stopwatch.GetTimestamp();
        var parser = new UserAgentParser(lists, tables);
        Print(output, "building the filter", Stopwatch.GetElapsedTime(started));
        started = Stopwatch.GetTimestamp();
        parser.Parse(Header(0, 1));
        Print(output, "first header", Stopwatch.GetElapsedTime(started));

        Measure(output, "new headers, the first 1,000 (rules not compiled yet)", 1_000, index => parser.Parse(Header(index, index)));
        for (var warm = 0; warm < 60_000; warm++)
            parser.Parse(Header(warm, warm));
        for (var header = 0; header < Headers.Length; header++)
        {
            var shape = header;
            Measure(output, $"new: {Headers[header][..Math.Min(50, Headers[header].Length)]}…", 5_000, index => parser.Parse(Header(shape, index)));
        }
        Measure(output, "new headers", 50_000, index => parser.Parse(Header(index, index + 100_000)));

        var catalog = new UserAgentCatalog<UserAgentDescription>(1000, agent => agent, seed: 1);
        var remembered = Headers.Select((_, index) => Encoding.UTF8.GetBytes(Header(index, 7))).ToArray();
        foreach (var header in remembered)
            catalog.Find(header);
        for (var warm = 0; warm < 1_000_000; warm++)
            catalog.Find(remembered[warm % remembered.Length]);
        Measure(output, "remembered headers", 5_000_000, index => catalog.Find(remembered[index % remembered.Length]));

        foreach (var (name, header) in Hostile())
        {
            started = Stopwatch.GetTimestamp();
            parser.Parse(header);
            Print(output, $"made to take long: {name}", Stopwatch.GetElapsedTime(started));
        }
    }

    private static string Header(int index, int number) => string.Format(CultureInfo.InvariantCulture, Headers[index % Headers.Length], number);

    private static IEnumerable<(string Name, string Header)> Hostile()
    {
        foreach (var piece in new[] { "HTC_", "HTC-", "Mozilla/5.0 (Android; ", "; Android 2.3; en-us; ", "; SAMSUNG ", " bot ", "a-bot-", "Linux; U; Android 4.4; ", "aaaaaaaa ", "crawler ", "Opera Mini/", "; ; ; ", "iPhone OS 1_", "Windows " })
            yield return ($"{piece.Trim()} repeated", string.Concat(Enumerable.Repeat(piece, 4000 / piece.Length)));
        yield return ("HTC_ behind Android 2.3", "Mozilla/5.0 (Linux; U; Android 2.3; " + string.Concat(Enumerable.Repeat("HTC_", 240)));
        yield return ("all different", string.Concat(Enumerable.Range(0, 400).Select(number => $"HTC{number} x; ")));
    }

    private static void Measure<T>(TextWriter output, string what, int count, Func<int, T> action)
    {
        GC.Collect();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        for (var index = 0; index < count; index++)
            action(index);
        var each = Stopwatch.GetElapsedTime(started) / count;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-60} {each.TotalMicroseconds,10:F3} µs each, {allocated / (double)count:F0} bytes"));
    }

    private static void Print(TextWriter output, string what, TimeSpan time) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-60} {time.TotalMilliseconds,10:F2} ms"));
}
