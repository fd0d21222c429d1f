using System.Globalization;

namespace Divolte.Benchmarks;

/// <summary>
/// Every figure that has a bar, measured in this process, beside its bar. Benchmarks add what they find; whoever runs several prints all of it at the end.
/// </summary>
internal static class Scorecard
{
    private static readonly List<Line> Lines = [];

    /// <summary>Notes a figure; smaller is better for all of them.</summary>
    /// <param name="figure">What was measured.</param>
    /// <param name="value">What it is.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="bar">What it must not exceed.</param>
    /// <param name="aim">What it should reach.</param>
    /// <param name="detail">Both sides of a ratio, or what else explains it.</param>
    public static void Add(string figure, double value, string unit, double bar, double aim, FormattableString? detail = null)
    {
        Lines.Add(new Line(figure, value, unit, bar, aim, detail?.ToString(CultureInfo.InvariantCulture) ?? ""));

        // At once as well: a run that is cut short still tells what it found.
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure}: {Round(value)} {unit} (bar {bar}, aim {aim})"));
    }

    /// <summary>The table of all figures so far; nothing when there are none.</summary>
    public static void Print(TextWriter output)
    {
        if (Lines.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine("| figure | measured | bar | aim | | |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var line in Lines)
        {
            var verdict = line.Value <= line.Aim ? "aim reached" : line.Value <= line.Bar ? "within the bar" : "OVER THE BAR";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {line.Figure} | {Round(line.Value)} {line.Unit} | ≤ {line.Bar} | {line.Aim} | {verdict} | {line.Detail} |"));
        }
    }

    private static string Round(double value) => value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);

    private sealed record Line(string Figure, double Value, string Unit, double Bar, double Aim, string Detail);
}
