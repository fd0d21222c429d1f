using System.Globalization;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>One spill file of a queue. Its name says where it begins, so that a file whose every byte is damaged still has its place.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Incarnation">The journal's incarnation that its positions are of.</param>
/// <param name="Start">Offset of the journal behind which its first entry begins.</param>
internal sealed record SpillFile(int Queue, long Incarnation, long Start)
{
    private const string Extension = ".spill";

    /// <summary>Names of a queue sort by their place.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Queue:D5}-{Incarnation:x16}-{Start:x16}{Extension}");

    /// <summary>Offset behind its last entry that is synced.</summary>
    public long Through { get; set; } = Start;

    /// <summary>Bytes that are synced.</summary>
    public long Length { get; set; }

    /// <summary>Reads a name; null when it is not one of a spill file.</summary>
    public static SpillFile? Parse(string name)
    {
        var parts = name.Split('-');
        return parts.Length == 3
            && parts[2].EndsWith(Extension, StringComparison.Ordinal)
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var queue)
            && long.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var incarnation)
            && long.TryParse(parts[2].AsSpan(0, parts[2].Length - Extension.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var start)
            ? new SpillFile(queue, incarnation, start)
            : null;
    }
}
