using System.Runtime.CompilerServices;
using Divolte.Grains.Mapping.Json;

namespace Divolte.Grains.Mapping.JsonPaths;

/// <summary>One step of a path.</summary>
internal abstract class PathStep
{
    /// <summary>Whether it leads to at most one value.</summary>
    public abstract bool IsDefinite(bool isLast);

    /// <summary>Goes from a node to those that it names, and on with the steps behind it.</summary>
    /// <param name="run">The evaluation.</param>
    /// <param name="steps">This step and those behind it.</param>
    /// <param name="node">The node, or -1 for a null that stands for nothing.</param>
    public abstract void Apply(ref PathRun run, ReadOnlySpan<PathStep> steps, int node);

    /// <summary>Whether a scan tries the step at a node.</summary>
    public virtual bool Accepts(ref PathRun run, int node, bool isLast) => true;

    protected static JsonKind KindOf(in PathRun run, int node) => node < 0 ? JsonKind.Null : run.Tree[node].Kind;

    /// <summary>Goes on at an element; one that does not exist counts as null.</summary>
    protected static void ApplyAt(ref PathRun run, ReadOnlySpan<PathStep> rest, int array, int index)
    {
        var count = run.Tree[array].Count;
        var position = index < 0 ? count + index : index;
        var element = -1;
        if (position >= 0 && position < count)
        {
            element = run.Tree[array].First;
            for (var skipped = 0; skipped < position; skipped++)
                element = run.Tree[element].Next;
        }
        run.Evaluate(rest, element);
    }
}

/// <summary><c>.name</c>, <c>['name']</c>, <c>['a','b']</c>.</summary>
internal sealed class MemberStep(IReadOnlyList<byte[]> names) : PathStep
{
    public override bool IsDefinite(bool isLast) => names.Count == 1 || isLast;

    public override void Apply(ref PathRun run, ReadOnlySpan<PathStep> steps, int node)
    {
        if (KindOf(run, node) != JsonKind.Object)
            return;
        if (names.Count > 1 && steps.Length == 1)
        {
            run.Evaluate([], Merge(run, node));
            return;
        }
        foreach (var name in names)
        {
            var member = run.Tree.Find(node, name, run.Mapped);
            if (member >= 0)
                run.Evaluate(steps[1..], member);
        }
    }

    /// <summary>Several names at the end give an object with those members.</summary>
    private int Merge(in PathRun run, int node)
    {
        var merged = run.Tree.Add(JsonKind.Object);
        foreach (var name in names)
        {
            var member = run.Tree.Find(node, name, run.Mapped);
            if (member >= 0)
                run.Tree.AppendCopy(merged, member);
        }
        return merged;
    }

    public override bool Accepts(ref PathRun run, int node, bool isLast)
    {
        if (KindOf(run, node) != JsonKind.Object)
            return false;
        if (!IsDefinite(isLast))
            return true;
        foreach (var name in names)
        {
            if (run.Tree.Find(node, name, run.Mapped) < 0)
                return false;
        }
        return true;
    }
}

/// <summary><c>.*</c> and <c>[*]</c>.</summary>
internal sealed class WildcardStep : PathStep
{
    public override bool IsDefinite(bool isLast) => false;

    public override void Apply(ref PathRun run, ReadOnlySpan<PathStep> steps, int node)
    {
        if (KindOf(run, node) is not (JsonKind.Object or JsonKind.Array))
            return;
        for (var child = run.Tree[node].First; child >= 0; child = run.Tree[child].Next)
            run.Evaluate(steps[1..], child);
    }
}

/// <summary><c>[0]</c>, <c>[-1]</c>, <c>[0,2]</c>.</summary>
internal sealed class IndexStep(IReadOnlyList<int> indexes) : PathStep
{
    public override bool IsDefinite(bool isLast) => indexes.Count == 1;

    public override void Apply(ref PathRun run, ReadOnlySpan<PathStep> steps, int node)
    {
        if (KindOf(run, node) != JsonKind.Array)
            return;
        foreach (var index in indexes)
            ApplyAt(ref run, steps[1..], node, index);
    }

    public override bool Accepts(ref PathRun run, int node, bool isLast) => KindOf(run, node) == JsonKind.Array;
}

/// <summary><c>[from:to]</c>, either end open. The start counts from the end when negative, though only with an open end, as in Jayway.</summary>
internal sealed class SliceStep(int? from, int? to) : PathStep
{
    public override bool IsDefinite(bool isLast) => false;

    public override void Apply(ref PathRun run, ReadOnlySpan<PathStep> steps, int node)
    {
        if (KindOf(run, node) != JsonKind.Array)
            return;
        var count = run.Tree[node].Count;
        if (count == 0)
            return;
        int start, end;
        if (from is { } first && to is { } last)
            (start, end) = (Math.Max(first, -count), Math.Min(count, last));
        else if (from is { } openEnded)
            (start, end) = (Math.Max(0, openEnded < 0 ? count + openEnded : openEnded), count);
        else
            (start, end) = (0, Math.Min(count, to < 0 ? count + to.Value : to ?? count));
        for (var index = start; index < end; index++)
            ApplyAt(ref run, steps[1..], node, index);
    }

    public override bool Accepts(ref PathRun run, int node, bool isLast) => KindOf(run, node) == JsonKind.Array;
}

/// <summary><c>..</c>: the step behind it is tried at the node and at all below it.</summary>
internal sealed class ScanStep : PathStep
{
    public override bool IsDefinite(bool isLast) => false;

    public override void Apply(ref PathRun run, ReadOnlySpan<PathStep> steps, int node) => Walk(ref run, steps[1..], node);

    private static void Walk(ref PathRun run, ReadOnlySpan<PathStep> steps, int node)
    {
        if (KindOf(run, node) is not (JsonKind.Object or JsonKind.Array) || --run.StepsLeft < 0 || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return;
        if (steps[0].Accepts(ref run, node, steps.Length == 1))
        {
            // At an array, Jayway applies what follows the step to every element, whatever the step says.
            if (KindOf(run, node) == JsonKind.Array && steps.Length > 1)
            {
                for (var element = run.Tree[node].First; element >= 0; element = run.Tree[element].Next)
                    run.Evaluate(steps[1..], element);
            }
            else
                run.Evaluate(steps, node);
        }
        for (var child = run.Tree[node].First; child >= 0; child = run.Tree[child].Next)
            Walk(ref run, steps, child);
    }
}

/// <summary><c>[?(…)]</c>.</summary>
internal sealed class FilterStep(PathCondition condition) : PathStep
{
    public override bool IsDefinite(bool isLast) => false;

    public override void Apply(ref PathRun run, ReadOnlySpan<PathStep> steps, int node)
    {
        switch (KindOf(run, node))
        {
            case JsonKind.Object when condition.Holds(ref run, node):
                run.Evaluate(steps[1..], node);
                break;
            case JsonKind.Array:
                for (var element = run.Tree[node].First; element >= 0; element = run.Tree[element].Next)
                {
                    if (condition.Holds(ref run, element))
                        run.Evaluate(steps[1..], element);
                }
                break;
        }
    }

    public override bool Accepts(ref PathRun run, int node, bool isLast) => condition.Holds(ref run, node);
}
