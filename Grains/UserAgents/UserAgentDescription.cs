namespace Divolte.Grains.UserAgents;

/// <summary>What a user agent is. Every text is present, and empty or <c>unknown</c> when nothing is known; <c>docs/user-agents.md</c> says what they hold.</summary>
internal sealed record UserAgentDescription
{
    /// <summary>Name and family of an agent that is not known.</summary>
    public const string Unknown = "unknown";

    public required string Name { get; init; }

    public required string Family { get; init; }

    public required string Vendor { get; init; }

    public required string Type { get; init; }

    public required string Version { get; init; }

    public required string DeviceCategory { get; init; }

    public required string OsFamily { get; init; }

    public required string OsVersion { get; init; }

    public required string OsVendor { get; init; }
}
