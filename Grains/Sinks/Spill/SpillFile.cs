using System.Globalization;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// One spill file of a queue. Its name says where it begins, so that a file whose every byte is damaged still has its place; and in a directory that several
/// processes share, under which claim it was written, so that no two of them ever write one file.
/// </summary>
/// <param name="Queue">The queue.</param>
/// <param name="Incarnation">The journal's incarnation that its positions are of.</param>
/// <param name="Start">Offset of the journal behind which its first entry begins.</param>
/// <param name="Epoch">Epoch of its writer's claim; 0 in a directory that is one process's alone.</param>
internal sealed record SpillFile(int Queue, long Incarnation, long Start, long Epoch = 0)
{
    private const string Extension = ".spill";
    private const int PartsMin = 3;
    private const int PartsOfShared = 4;

    /// <summary>Names of a queue sort by their place.</summary>
    public string Name => Epoch == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Queue:D5}-{Incarnation:x16}-{Start:x16}{Extension}")
        : string.Create(CultureInfo.InvariantCulture, $"{Queue:D5}-{Incarnation:x16}-{Start:x16}-{Epoch:x16}{Extension}");

    /// <summary>Offset behind its last entry that is synced.</summary>
    public long Through { get; set; } = Start;

    /// <summary>Bytes that are synced.</summary>
    public long Length { get; set; }

    /// <summary>Reads a name; null when it is not one of a spill file.</summary>
    public static SpillFile? Parse(string name)
    {
        if (!name.EndsWith(Extension, StringComparison.Ordinal))
            return null;
        var parts = name[..^Extension.Length].Split('-');
        var numbers = new long[PartsOfShared];
        if (parts.Length is not (PartsMin or PartsOfShared) || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var queue))
            return null;
        for (var part = 1; part < parts.Length; part++)
        {
            if (!long.TryParse(parts[part], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out numbers[part]))
                return null;
        }
        return new SpillFile(queue, numbers[1], numbers[2], numbers[3]);
    }
}
