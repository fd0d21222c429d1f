using Divolte.Frontend.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Divolte.Frontend.Tests.Telemetry;

public sealed class LineFormatterTests
{
    [Fact]
    public void Message_IsOneLine()
    {
        var text = Format("two\nlines", exception: null);

        Assert.Matches(@"^2026-11-24 12:00:00\.000[+-]\d\d:\d\d \[.+\] WARN   \[SiloServer\]: two \| lines\r?\n$", text);
    }

    [Fact]
    public void Exception_FollowsOnItsOwnLines()
    {
        var text = Format("trouble", new InvalidOperationException("why"));

        Assert.Contains("[SiloServer]: trouble", text, StringComparison.Ordinal);
        Assert.Contains("\nSystem.InvalidOperationException: why", text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    private static string Format(string message, Exception? exception)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        using var writer = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Warning, "Divolte.Silo.SiloServer", default, message, exception, (state, _) => state);
        new LineFormatter(clock).Write(entry, scopeProvider: null, writer);
        return writer.ToString();
    }
}
