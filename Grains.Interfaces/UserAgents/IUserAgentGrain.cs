using Divolte.Grains.Interfaces.Formats;
using Orleans;
using Orleans.CodeGeneration;

namespace Divolte.Grains.Interfaces.UserAgents;

/// <summary>
/// A slice of all user agents, by a hash of their headers: the cluster's memory of them, and their counts. Key: 0 to <see cref="UserAgentSlices.Count"/> - 1.
/// It is told in bulk, never on an event's way; what it forgets comes back with the next reports.
/// </summary>
[Alias("divolte.user-agent-grain"), Version(GridFormat.Latest)]
public interface IUserAgentGrain : IGrainWithIntegerKey
{
    /// <summary>Takes what one silo has seen since its last report.</summary>
    [Alias("report")]
    Task ReportAsync(UserAgentReport report);

    /// <summary>The headers that were seen most of late, for a silo that starts.</summary>
    /// <param name="countMax">How many at most.</param>
    [Alias("get-frequent")]
    Task<UserAgentReport> GetFrequentAsync(int countMax);

    /// <summary>How many events each family sent in the last one to two minutes, the most first.</summary>
    [Alias("get-families")]
    Task<IReadOnlyList<UserAgentFamilyCount>> GetFamiliesAsync();
}

/// <summary>Into how many slices user agents are parted.</summary>
public static class UserAgentSlices
{
    public const int Count = 16;

    /// <summary>The slice of a hash of a header; the hash is the same in all silos.</summary>
    public static int Of(ulong hash) => (int)(hash >> 60);
}

/// <summary>Headers and how often they were seen.</summary>
/// <param name="Uses">At most one entry per header.</param>
[GenerateSerializer, Immutable, Alias("divolte.user-agent-report")]
public sealed record UserAgentReport([property: Id(0)] IReadOnlyList<UserAgentUse> Uses);

/// <summary>One header.</summary>
/// <param name="Header">As the cache of a silo has it: the text of the header in UTF-8, and client hints behind it.</param>
/// <param name="Family">Family of the agent.</param>
/// <param name="Count">How often it was seen.</param>
[GenerateSerializer, Immutable, Alias("divolte.user-agent-use")]
public sealed record UserAgentUse([property: Id(0)] byte[] Header, [property: Id(1)] string Family, [property: Id(2)] int Count);

/// <summary>One family.</summary>
/// <param name="Family">Its name.</param>
/// <param name="Count">How many events it sent.</param>
[GenerateSerializer, Immutable, Alias("divolte.user-agent-family-count")]
public sealed record UserAgentFamilyCount([property: Id(0)] string Family, [property: Id(1)] long Count);
