using Xunit;

namespace Divolte.Architecture.Tests;

/// <summary>A rule holds when nothing breaches it; otherwise the test names every breach, one a line.</summary>
internal static class Rule
{
    public static void Holds<T>(IEnumerable<T> breaches)
    {
        var lines = breaches.Select(breach => breach!.ToString()).Distinct().Order(StringComparer.Ordinal).ToList();
        if (lines.Count > 0)
            Assert.Fail(string.Join('\n', lines));
    }
}
