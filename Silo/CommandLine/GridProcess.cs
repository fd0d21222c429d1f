namespace Divolte.Silo.CommandLine;

/// <summary>A process of a grid, as far as the grid can tell.</summary>
/// <param name="Name">What it is and where it runs, for people.</param>
/// <param name="Format">The latest format that it reads; null when nobody can say.</param>
/// <param name="IsGone">A frontend that was here and has fallen silent: stopped, killed, or cut off.</param>
internal sealed record GridProcess(string Name, int? Format, bool IsGone = false)
{
    /// <summary>Whether it is known to read a format.</summary>
    public bool Reads(int format) => Format >= format;

    /// <summary>In words, for an operator.</summary>
    public string Describe()
    {
        var reads = Format is { } latest ? $"reads formats up to {latest}" : "does not tell which formats it reads";
        return IsGone ? $"{Name}, silent of late, {reads}" : $"{Name} {reads}";
    }
}
