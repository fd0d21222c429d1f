namespace Divolte.Grains.Interfaces.Configuration.Hocon.Resolving;

/// <summary>
/// One key of a resolved object: what was assigned to it, low priority first. A reference to a cell that is being evaluated looks back:
/// it sees only what lies below the assignment under evaluation.
/// </summary>
internal sealed class HoconCell(IReadOnlyList<HoconNode> assignments)
{
    private const int Idle = -1;

    private readonly Dictionary<int, HoconShape?> _known = [];

    public IReadOnlyList<HoconNode> Assignments { get; } = assignments;

    /// <summary>Index of the assignment under evaluation.</summary>
    public int Evaluating { get; set; } = Idle;

    /// <summary>Depth of the evaluation that is under way.</summary>
    public int EvaluatingDepth { get; set; }

    public bool IsEvaluating => Evaluating != Idle;

    /// <summary>How many assignments a reference sees now.</summary>
    public int Visible => IsEvaluating ? Evaluating : Assignments.Count;

    public bool TryGetKnown(int visible, out HoconShape? shape) => _known.TryGetValue(visible, out shape);

    public void Remember(int visible, HoconShape? shape) => _known[visible] = shape;
}

/// <summary>Stands for another cell, so that its references look back there and not here.</summary>
internal sealed class HoconCellNode(HoconCell cell, HoconOrigin origin) : HoconNode(origin)
{
    public HoconCell Cell { get; } = cell;
}
