namespace Divolte.Grains.Tests.Journal.Redis;

/// <summary>Waits for what another process makes true.</summary>
internal static class TestWait
{
    /// <exception cref="TimeoutException">Not within thirty seconds; the message says what was seen.</exception>
    public static async Task UntilAsync(Func<bool> isSo, Func<string> seen)
    {
        for (var attempt = 0; attempt < 1500; attempt++)
        {
            if (isSo())
                return;
            await Task.Delay(20);
        }
        throw new TimeoutException($"Not so within thirty seconds; seen: {seen()}");
    }
}
