using System.Numerics;

namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Arithmetic with the types of Groovy: the wider type of the two wins, whole numbers wrap, a quotient of whole numbers is a decimal.</summary>
internal static class Numbers
{
    /// <summary>Largest result of whole-number arithmetic beyond 64 bits, in bits.</summary>
    private const int BitsMax = 4096;

    public static int Compare(object left, object right)
    {
        if (left is double or float || right is double or float)
            return ToDouble(left).CompareTo(ToDouble(right));
        if (left is decimal || right is decimal)
        {
            var isFar = !TryToDecimal(left, out var one) | !TryToDecimal(right, out var other);
            return isFar ? ToDouble(left).CompareTo(ToDouble(right)) : one.CompareTo(other);
        }
        return ToBig(left).CompareTo(ToBig(right));
    }

    public static double ToDouble(object number) => number switch
    {
        int value => value,
        long value => value,
        float value => value,
        double value => value,
        decimal value => (double)value,
        BigInteger value => (double)value,
        _ => double.NaN,
    };

    public static BigInteger ToBig(object number) => number switch
    {
        int value => value,
        long value => value,
        BigInteger value => value,
        decimal value => new BigInteger(value),
        float value => float.IsFinite(value) ? new BigInteger(value) : 0,
        double value => double.IsFinite(value) ? new BigInteger(value) : 0,
        _ => 0,
    };

    private static bool TryToDecimal(object number, out decimal value)
    {
        var big = ToBig(number);
        var fits = BigInteger.Abs(big) <= new BigInteger(decimal.MaxValue);
        value = number is decimal exact ? exact : fits ? (decimal)big : 0;
        return fits;
    }

    /// <summary>Applies an operator; null when it is not one for numbers. The error says why there is no result.</summary>
    public static object? Apply(string symbol, object left, object right, out string? error)
    {
        error = null;
        if (symbol == "**")
            return Power(left, right, out error);
        if (left is double or float || right is double or float)
            return ApplyDouble(symbol, ToDouble(left), ToDouble(right));
        if (left is decimal || right is decimal || symbol == "/")
            return ApplyDecimal(symbol, left, right, out error);
        var result = ApplyWhole(symbol, ToBig(left), ToBig(right), out error);
        if (result is not BigInteger whole || left is BigInteger || right is BigInteger)
            return result;
        return Conversions.To(whole, left is long || right is long ? "long" : "int");
    }

    private static object? ApplyDouble(string symbol, double left, double right) => symbol switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        "%" => left % right,
        _ => null,
    };

    private static object? ApplyDecimal(string symbol, object left, object right, out string? error)
    {
        error = null;
        if (!TryToDecimal(left, out var one) | !TryToDecimal(right, out var other))
        {
            error = "The number is too large for decimal arithmetic.";
            return null;
        }
        if (symbol is "/" or "%" && other == 0)
        {
            error = "Division by zero.";
            return null;
        }
        try
        {
            return symbol switch
            {
                "+" => one + other,
                "-" => one - other,
                "*" => one * other,
                "/" => Trim(Math.Round(one / other, 10)),
                "%" => one % other,
                _ => null,
            };
        }
        catch (OverflowException)
        {
            error = "The result is too large for decimal arithmetic.";
            return null;
        }
    }

    /// <summary>A quotient has no more fraction digits than it needs.</summary>
    private static decimal Trim(decimal value) => value / 1.0000000000000000000000000000m;

    private static object? ApplyWhole(string symbol, BigInteger left, BigInteger right, out string? error)
    {
        error = symbol == "%" && right.IsZero ? "Division by zero." : null;
        if (error is not null)
            return null;
        if (symbol is "<<" && (right < 0 || right > BitsMax) || symbol is "*" && left.GetBitLength() + right.GetBitLength() > BitsMax)
        {
            error = "The number gets too large.";
            return null;
        }
        return symbol switch
        {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "%" => BigInteger.Remainder(left, right),
            "&" => left & right,
            "|" => left | right,
            "^" => left ^ right,
            "<<" => left << (int)right,
            ">>" => right < 0 || right > int.MaxValue ? null : left >> (int)right,
            _ => null,
        };
    }

    private static object? Power(object left, object right, out string? error)
    {
        error = null;
        if (left is double or float || right is double or float or decimal || left is decimal || ToBig(right) < 0)
            return Math.Pow(ToDouble(left), ToDouble(right));
        if (ToBig(left).GetBitLength() * (double)ToBig(right) > BitsMax)
        {
            error = "The number gets too large.";
            return null;
        }
        var result = BigInteger.Pow(ToBig(left), (int)ToBig(right));
        return new IntegerLiteral(result, isLong: false).WithSign(isNegative: false);
    }
}
