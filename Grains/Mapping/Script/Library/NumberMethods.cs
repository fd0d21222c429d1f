using System.Numerics;

namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Methods of numbers.</summary>
internal static class NumberMethods
{
    /// <summary>Methods of whole numbers.</summary>
    public static object? CallWhole(ScriptEvaluator evaluator, ScriptPosition position, object number, string name, object?[] arguments)
    {
        var value = number is int narrow ? narrow : (long)number;
        switch (name, arguments)
        {
            case ("times", [ScriptClosure closure]):
                for (var count = 0; count < value; count++)
                    evaluator.Call(closure, position, isMapping: false, count);
                return null;
            case ("upto", [int or long, ScriptClosure closure]):
                for (var count = value; count <= (long)Numbers.ToBig(arguments[0]!); count++)
                    evaluator.Call(closure, position, isMapping: false, number is int ? (object)(int)count : count);
                return null;
            case ("downto", [int or long, ScriptClosure closure]):
                for (var count = value; count >= (long)Numbers.ToBig(arguments[0]!); count--)
                    evaluator.Call(closure, position, isMapping: false, number is int ? (object)(int)count : count);
                return null;
            case ("step", [int or long, int or long, ScriptClosure closure]) when !Numbers.ToBig(arguments[1]!).IsZero:
                var (end, step) = ((long)Numbers.ToBig(arguments[0]!), (long)Numbers.ToBig(arguments[1]!));
                for (var count = value; step > 0 ? count < end : count > end; count += step)
                    evaluator.Call(closure, position, isMapping: false, number is int ? (object)(int)count : count);
                return null;
            case ("intdiv", [int or long]):
                var divisor = Numbers.ToBig(arguments[0]!);
                if (divisor.IsZero)
                    throw evaluator.ErrorAt(position, "Division by zero.");
                return Conversions.To(BigInteger.Divide(value, divisor), number is int && arguments[0] is int ? "int" : "long");
            default:
                return Types.NotFound;
        }
    }

    /// <summary>Methods of all numbers.</summary>
    public static object? CallAny(object number, string name, object?[] arguments)
    {
        if (arguments is [{ } other] && Equality.IsNumber(other))
        {
            var symbol = name switch { "plus" => "+", "minus" => "-", "multiply" => "*", "div" => "/", "mod" => "%", "power" => "**", _ => null };
            if (symbol is not null && Numbers.Apply(symbol, number, other, out var error) is { } result && error is null)
                return result;
            return name == "compareTo" ? Numbers.Compare(number, other) : Types.NotFound;
        }
        if (arguments.Length > 0)
            return Types.NotFound;
        return name switch
        {
            "toInteger" or "intValue" => Conversions.To(number, "int"),
            "toLong" or "longValue" => Conversions.To(number, "long"),
            "toFloat" or "floatValue" => Conversions.To(number, "float"),
            "toDouble" or "doubleValue" => Conversions.To(number, "double"),
            "toBigDecimal" => Conversions.To(number, "BigDecimal"),
            "toBigInteger" => Conversions.To(number, "BigInteger"),
            "abs" => Numbers.Compare(number, 0) < 0 ? Numbers.Apply("-", Conversions.To(0, "int"), number, out _) : number,
            "negate" or "negative" => Numbers.Apply("-", 0, number, out _),
            _ => Types.NotFound,
        };
    }
}
