using System.Numerics;
using Divolte.Grains.Mapping.Producers;

namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>What <c>==</c> and the comparison operators mean.</summary>
internal static class Equality
{
    /// <summary>Most elements that a comparison looks at; a list can hold itself, so that there is no other end.</summary>
    private const int ElementsMax = 100_000;

    private const int DepthMax = 50;

    /// <summary>Whether two values are equal: numbers by value, lists and maps by content, producers only if they are the same one.</summary>
    public static bool AreEqual(ScriptEvaluator evaluator, ScriptPosition position, object? left, object? right)
    {
        var elementsLeft = ElementsMax;
        var areEqual = AreEqual(left, right, DepthMax, ref elementsLeft);
        evaluator.Charge(position, ElementsMax - elementsLeft);
        return areEqual;
    }

    private static bool AreEqual(object? left, object? right, int depthLeft, ref int elementsLeft)
    {
        if (depthLeft == 0 || --elementsLeft < 0)
            return ReferenceEquals(left, right);
        if (IsNumber(left) && IsNumber(right))
            return Numbers.Compare(left!, right!) == 0;
        switch (left, right)
        {
            case (null, _) or (_, null):
                return left is null && right is null;
            case (string or ComposedText, string or ComposedText):
                return left.ToString() == right.ToString();
            case (ScriptList one, ScriptList other):
                var isEqual = one.Items.Count == other.Items.Count;
                for (var index = 0; isEqual && index < one.Items.Count; index++)
                    isEqual = AreEqual(one.Items[index], other.Items[index], depthLeft - 1, ref elementsLeft);
                return isEqual;
            case (ScriptMap one, ScriptMap other):
                var isSame = one.Keys.Count == other.Keys.Count;
                for (var index = 0; isSame && index < one.Keys.Count; index++)
                    isSame = other.Contains(one.Keys[index]) && AreEqual(one[one.Keys[index]], other[one.Keys[index]], depthLeft - 1, ref elementsLeft);
                return isSame;
            case (ValueProducer, _) or (ScriptClosure, _):
                return ReferenceEquals(left, right);
            default:
                return left.Equals(right);
        }
    }

    public static bool IsNumber(object? value) => value is int or long or float or double or decimal or BigInteger;

    /// <summary>Compares two values; false when they cannot be.</summary>
    public static bool TryCompare(object? left, object? right, out int result)
    {
        result = 0;
        if (left is null || right is null)
        {
            result = left is null ? right is null ? 0 : -1 : 1;
            return true;
        }
        if (IsNumber(left) && IsNumber(right))
            result = Numbers.Compare(left, right);
        else if (left is string or ComposedText && right is string or ComposedText)
            result = Math.Sign(string.CompareOrdinal(left.ToString(), right.ToString()));
        else if (left is bool one && right is bool other)
            result = one.CompareTo(other);
        else
            return false;
        return true;
    }
}
