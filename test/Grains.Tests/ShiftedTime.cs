using Microsoft.Extensions.Time.Testing;

namespace Divolte.Grains.Tests;

/// <summary>A clock of a test whose time of day can be set back, as a machine's can, while what counts on goes on.</summary>
public sealed class ShiftedTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>How far the time of day is off.</summary>
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;

    public override long GetTimestamp() => base.GetUtcNow().UtcTicks;
}
