namespace Divolte.Faults.Tests;

/// <summary>The seed of a run: printed, and repeatable with <c>DIVOLTE_TEST_SEED</c>.</summary>
internal static class TestSeed
{
    public static int Next(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("DIVOLTE_TEST_SEED"), out var given) ? given : Random.Shared.Next(1, 1_000_000);
        output.WriteLine($"seed {seed}");
        return seed;
    }
}
