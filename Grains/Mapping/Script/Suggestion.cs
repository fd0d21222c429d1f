namespace Divolte.Grains.Mapping.Script;

/// <summary>Finds the name that was probably meant.</summary>
internal static class Suggestion
{
    /// <summary>Text to append to a message: the known name nearest to a wrong one, or nothing.</summary>
    public static string For(string wrong, IEnumerable<string> known)
    {
        var distanceMax = Math.Max(1, wrong.Length / 3);
        var best = known.Distinct(StringComparer.Ordinal)
            .Select(name => (Name: name, Distance: Distance(wrong, name)))
            .Where(candidate => candidate.Distance <= distanceMax && candidate.Name != wrong)
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
        return best is null ? "" : $" Did you mean '{best}'?";
    }

    /// <summary>How many letters to add, drop, change or swap; case counts little.</summary>
    private static int Distance(string from, string to)
    {
        if (Math.Abs(from.Length - to.Length) > 8 || from.Length > 100)
            return int.MaxValue;
        if (from.Equals(to, StringComparison.OrdinalIgnoreCase))
            return 0;
        var distances = new int[from.Length + 1, to.Length + 1];
        for (var row = 0; row <= from.Length; row++)
        {
            for (var column = 0; column <= to.Length; column++)
            {
                if (row == 0 || column == 0)
                {
                    distances[row, column] = row + column;
                    continue;
                }
                var change = char.ToLowerInvariant(from[row - 1]) == char.ToLowerInvariant(to[column - 1]) ? 0 : 1;
                var best = Math.Min(Math.Min(distances[row - 1, column], distances[row, column - 1]) + 1, distances[row - 1, column - 1] + change);
                if (row > 1 && column > 1 && from[row - 1] == to[column - 2] && from[row - 2] == to[column - 1])
                    best = Math.Min(best, distances[row - 2, column - 2] + 1);
                distances[row, column] = best;
            }
        }
        return distances[from.Length, to.Length];
    }
}
