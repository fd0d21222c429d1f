namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>Text that is not HOCON, or cannot be resolved. Caught by whoever loads a configuration; never leaves this concept.</summary>
internal sealed class HoconException(HoconOrigin origin, string reason) : Exception($"{origin}: {reason}")
{
    public HoconOrigin Origin { get; } = origin;

    /// <summary>The message without the origin in front.</summary>
    public string Reason { get; } = reason;
}
