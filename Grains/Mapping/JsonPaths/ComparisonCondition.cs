using System.Globalization;
using Divolte.Grains.Mapping.Json;

namespace Divolte.Grains.Mapping.JsonPaths;

/// <summary>Two operands and what is between them.</summary>
internal sealed class ComparisonCondition(PathOperand left, string symbol, PathOperand right) : PathCondition
{
    public override bool Holds(ref PathRun run, int item)
    {
        var one = left.Evaluate(ref run, item);
        var other = right.Evaluate(ref run, item);
        return symbol switch
        {
            "==" => AreEqual(run, one, other),
            "!=" => !AreEqual(run, one, other),
            "===" => one.Kind == other.Kind && AreEqual(run, one, other),
            "!==" => one.Kind != other.Kind || !AreEqual(run, one, other),
            "<" or "<=" or ">" or ">=" => Compare(one, other),
            "=~" => Matches(one, other),
            "in" => IsIn(run, one, other),
            "nin" => !IsIn(run, one, other),
            "contains" => one.Kind == OperandKind.Text && other.Kind == OperandKind.Text
                ? one.Text.Contains(other.Text, StringComparison.Ordinal)
                : one.Kind == OperandKind.Node && IsIn(run, other, one),
            "size" => other.Kind == OperandKind.Number && SizeOf(run, one) is { } size && size == (int)other.Number,
            "empty" => other.Kind == OperandKind.Boolean && SizeOf(run, one) is { } length && length == 0 == other.IsTrue,
            // Recorded: these never match, whatever the lists hold.
            _ => false,
        };
    }

    /// <summary>Equality is not strict: a number equals the text that prints it.</summary>
    private static bool AreEqual(in PathRun run, in OperandValue left, in OperandValue right) => (left.Kind, right.Kind) switch
    {
        (OperandKind.Number, OperandKind.Number) => left.Number == right.Number && DecimalsEqual(left, right),
        (OperandKind.Number, OperandKind.Text) =>
            decimal.TryParse(right.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && DecimalsEqual(left, right),
        (OperandKind.Text, OperandKind.Text or OperandKind.Number) => left.Text == right.Text,
        (OperandKind.Boolean, OperandKind.Boolean) => left.IsTrue == right.IsTrue,
        (OperandKind.Null, OperandKind.Null) or (OperandKind.Undefined, OperandKind.Undefined) => true,
        (OperandKind.Node, OperandKind.Node) => NodesEqual(run, left.Node, right.Node),
        _ => false,
    };

    private static bool DecimalsEqual(in OperandValue left, in OperandValue right) =>
        decimal.TryParse(left.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var one) &&
        decimal.TryParse(right.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var other)
            ? one == other
            : left.Text == right.Text;

    private static bool NodesEqual(in PathRun run, int left, int right) => JsonEquality.AreEqual(left, right, run.Mapped);

    private bool Compare(in OperandValue left, in OperandValue right)
    {
        int order;
        if (left.Kind == OperandKind.Number && right.Kind == OperandKind.Number)
            order = left.Number.CompareTo(right.Number);
        else if (left.Kind == OperandKind.Text && right.Kind == OperandKind.Text)
            order = string.CompareOrdinal(left.Text, right.Text);
        else
            return false;
        return symbol switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    private static bool Matches(in OperandValue left, in OperandValue right)
    {
        if (left.Pattern is null == right.Pattern is null)
            return false;
        var pattern = left.Pattern ?? right.Pattern!;
        var input = left.Pattern is null ? left : right;
        return input.Kind is OperandKind.Text or OperandKind.Number or OperandKind.Boolean && pattern.IsFullMatch(input.Text);
    }

    private static bool IsIn(in PathRun run, in OperandValue item, in OperandValue list)
    {
        if (list.Kind != OperandKind.Node || run.Tree[list.Node].Kind != JsonKind.Array)
            return false;
        for (var element = run.Tree[list.Node].First; element >= 0; element = run.Tree[element].Next)
        {
            if (AreEqual(run, item, OperandValue.Of(run, element)))
                return true;
        }
        return false;
    }

    private static int? SizeOf(in PathRun run, in OperandValue value) => value.Kind switch
    {
        OperandKind.Text => value.Text.Length,
        OperandKind.Node => run.Tree[value.Node].Count,
        _ => null,
    };
}
