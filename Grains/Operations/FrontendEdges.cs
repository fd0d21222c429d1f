using Divolte.Grains.Interfaces.Operations;

namespace Divolte.Grains.Operations;

/// <summary>The last report of every process that takes visitors. Bounded; not safe for several threads.</summary>
internal sealed class FrontendEdges(TimeProvider time)
{
    /// <summary>How many processes are remembered at most. Beyond it the one that has been silent longest is forgotten.</summary>
    public const int FrontendsMax = 1000;

    /// <summary>Processes report every second: one that does not for so long is gone, or cannot reach the grid.</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(10);

    /// <summary>How long one that is gone is still told of, so that an operator sees what became of it.</summary>
    public static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(10);

    private readonly Dictionary<Guid, (EdgeReport Report, long ToldAt)> _told = [];

    public void Take(EdgeReport report)
    {
        if (!_told.ContainsKey(report.Instance) && _told.Count == FrontendsMax)
            _told.Remove(_told.MinBy(entry => entry.Value.ToldAt).Key);
        _told[report.Instance] = (report, time.GetTimestamp());
    }

    /// <summary>All that are remembered, by name, those of one name by their start.</summary>
    public IReadOnlyList<FrontendEdge> Describe()
    {
        foreach (var (instance, told) in _told)
        {
            if (time.GetElapsedTime(told.ToldAt) >= ForgottenAfter)
                _told.Remove(instance);
        }
        return
        [
            .. _told.Values
                .Select(told => (told.Report, Silent: time.GetElapsedTime(told.ToldAt)))
                .Select(told => new FrontendEdge(told.Report, told.Silent, told.Silent >= GoneAfter))
                .OrderBy(edge => edge.Report.Name, StringComparer.Ordinal).ThenBy(edge => edge.Report.StartedAt),
        ];
    }
}
