using Divolte.Grains.Interfaces.UserAgents;
using Orleans;

namespace Divolte.Grains.UserAgents;

/// <summary>A slice of user agents; all it knows is in <see cref="UserAgentSlice"/>, and may be lost with its silo.</summary>
internal sealed class UserAgentGrain(TimeProvider time) : Grain, IUserAgentGrain
{
    private readonly UserAgentSlice _slice = new(time);

    public Task ReportAsync(UserAgentReport report)
    {
        _slice.Add(report);
        return Task.CompletedTask;
    }

    public Task<UserAgentReport> GetFrequentAsync(int countMax) => Task.FromResult(_slice.Frequent(countMax));

    public Task<IReadOnlyList<UserAgentFamilyCount>> GetFamiliesAsync() => Task.FromResult(_slice.Families());
}
