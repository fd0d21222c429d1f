namespace Divolte.Grains.Mapping.JsonPaths;

/// <summary>A condition of a filter.</summary>
internal abstract class PathCondition
{
    public abstract bool Holds(ref PathRun run, int item);
}

/// <summary><c>&amp;&amp;</c> and <c>||</c>.</summary>
internal sealed class LogicCondition(PathCondition left, PathCondition right, bool isAnd) : PathCondition
{
    public override bool Holds(ref PathRun run, int item) =>
        isAnd ? left.Holds(ref run, item) && right.Holds(ref run, item) : left.Holds(ref run, item) || right.Holds(ref run, item);
}

/// <summary><c>!</c></summary>
internal sealed class NotCondition(PathCondition inner) : PathCondition
{
    public override bool Holds(ref PathRun run, int item) => !inner.Holds(ref run, item);
}

/// <summary>A path alone: whether it leads to anything, null included.</summary>
internal sealed class ExistsCondition(PathOperand operand) : PathCondition
{
    public override bool Holds(ref PathRun run, int item) => operand.Evaluate(ref run, item).Kind != OperandKind.Undefined;
}
