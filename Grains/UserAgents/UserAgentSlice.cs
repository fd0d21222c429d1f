using System.Text;
using Divolte.Grains.Interfaces.UserAgents;

namespace Divolte.Grains.UserAgents;

/// <summary>What a slice remembers: headers with counts that fade, and counts per family. Bounded; not safe for several threads.</summary>
internal sealed class UserAgentSlice(TimeProvider time)
{
    /// <summary>How many headers a slice remembers at most. Beyond it the half that is seen least is forgotten.</summary>
    public const int HeadersMax = 4096;

    /// <summary>How many families are counted per minute at most; names of robots are without end.</summary>
    public const int FamiliesMax = 1024;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>By header, one character per byte.</summary>
    private readonly Dictionary<string, Remembered> _headers = new(StringComparer.Ordinal);

    private Dictionary<string, long> _families = new(StringComparer.Ordinal);
    private Dictionary<string, long> _familiesBefore = new(StringComparer.Ordinal);
    private long _minuteStart = time.GetTimestamp();

    public int Count => _headers.Count;

    public void Add(UserAgentReport report)
    {
        TurnMinute();
        foreach (var use in report.Uses)
        {
            var key = Encoding.Latin1.GetString(use.Header);
            var known = _headers.GetValueOrDefault(key);
            _headers[key] = new Remembered(use.Family, known.Weight + use.Count);
            if (_families.ContainsKey(use.Family) || _families.Count < FamiliesMax)
                _families[use.Family] = _families.GetValueOrDefault(use.Family) + use.Count;
        }
        if (_headers.Count > HeadersMax)
            ForgetRarest();
    }

    public UserAgentReport Frequent(int countMax) => new(
    [
        .. _headers.OrderByDescending(entry => entry.Value.Weight).Take(countMax)
            .Select(entry => new UserAgentUse(Encoding.Latin1.GetBytes(entry.Key), entry.Value.Family, (int)Math.Min(int.MaxValue, entry.Value.Weight))),
    ]);

    public IReadOnlyList<UserAgentFamilyCount> Families()
    {
        TurnMinute();
        return
        [
            .. _families.Concat(_familiesBefore).GroupBy(entry => entry.Key, entry => entry.Value)
                .Select(group => new UserAgentFamilyCount(group.Key, group.Sum())).OrderByDescending(family => family.Count),
        ];
    }

    /// <summary>Halves what headers weigh, so that those of today pass those of yesterday, and starts to count families anew.</summary>
    private void TurnMinute()
    {
        var minutes = time.GetElapsedTime(_minuteStart) / Minute;
        if (minutes < 1)
            return;
        _familiesBefore = minutes < 2 ? _families : [];
        _families = new Dictionary<string, long>(StringComparer.Ordinal);
        _minuteStart = time.GetTimestamp();
        foreach (var (key, remembered) in _headers)
        {
            if (remembered.Weight <= 1)
                _headers.Remove(key);
            else
                _headers[key] = remembered with { Weight = remembered.Weight / 2 };
        }
    }

    private void ForgetRarest()
    {
        foreach (var (key, _) in _headers.OrderBy(entry => entry.Value.Weight).Take(_headers.Count - HeadersMax / 2).ToList())
            _headers.Remove(key);
    }

    private readonly record struct Remembered(string Family, long Weight);
}
