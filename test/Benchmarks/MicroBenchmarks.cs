using System.Reflection;

namespace Divolte.Benchmarks;

/// <summary>Every class of this program named <c>*Benchmark</c> with a static <c>Run(TextWriter)</c>: one concept each, in one process, one after another.</summary>
internal static class MicroBenchmarks
{
    /// <param name="output">Where the results go.</param>
    /// <param name="name">Only benchmarks with this in their names.</param>
    public static void Run(TextWriter output, string name = "")
    {
        var all = typeof(MicroBenchmarks).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Benchmark", StringComparison.Ordinal) && type.Name.Contains(name, StringComparison.OrdinalIgnoreCase))
            .Select(type => type.GetMethod("Run", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic, [typeof(TextWriter)]))
            .OfType<MethodInfo>()
            .OrderBy(method => method.DeclaringType!.FullName, StringComparer.Ordinal);
        foreach (var method in all)
        {
            output.WriteLine($"== {method.DeclaringType!.FullName}");
            method.Invoke(null, [output]);
        }
    }
}
