using System.Globalization;
using System.Numerics;

namespace Divolte.Grains.Mapping.Script;

/// <content>Numbers: the smallest type that fits, unless a suffix names one; with a fraction or exponent a decimal.</content>
internal sealed partial class ScriptLexer
{
    /// <summary>Longest number, in characters.</summary>
    private const int NumberLengthMax = 1000;

    private void ReadNumber(bool isSpaced)
    {
        var start = _position;
        var radix = Current != '0' ? 10 : At(1) switch { 'x' or 'X' => 16, 'b' or 'B' => 2, _ => 10 };
        if (radix != 10)
            _position += 2;
        var digits = TakeDigits(radix);
        var isFraction = false;
        if (radix == 10)
        {
            if (Current == '.' && char.IsAsciiDigit(At(1)))
            {
                isFraction = true;
                _position++;
                digits += "." + TakeDigits(10);
            }
            if (Current is 'e' or 'E' && (char.IsAsciiDigit(At(1)) || At(1) is '+' or '-' && char.IsAsciiDigit(At(2))))
            {
                isFraction = true;
                digits += "e" + (At(1) is '+' or '-' ? At(1) : '+');
                _position += At(1) is '+' or '-' ? 2 : 1;
                digits += TakeDigits(10);
            }
            if (!isFraction && digits.Length > 1 && digits[0] == '0' && Current is not ('d' or 'D' or 'f' or 'F'))
                radix = 8;
        }
        if (digits.Length is 0 or > NumberLengthMax)
            throw Error(start, digits.Length == 0 ? "The number has no digits." : $"The number has more than {NumberLengthMax} digits.");
        var suffix = char.ToLowerInvariant(Current);
        // The suffixes d and f are digits in base 16.
        var hasSuffix = suffix is 'i' or 'l' or 'g' || suffix is 'd' or 'f' && radix == 10;
        if (hasSuffix)
            _position++;
        if (!IsAtEnd && IsNamePart(Current))
            throw Error(_position, $"'{Current}' cannot follow a number.");
        var text = _text[start.._position];
        var value = isFraction || suffix is 'd' or 'f' && hasSuffix
            ? FractionOf(digits, hasSuffix ? suffix : ' ', start)
            : IntegerOf(digits, radix, hasSuffix ? suffix : ' ', start);
        Add(TokenKind.Literal, text, value, start, isSpaced);
    }

    private string TakeDigits(int radix)
    {
        var start = _position;
        while (!IsAtEnd && (radix == 16 ? char.IsAsciiHexDigit(Current) : char.IsAsciiDigit(Current)) || Current == '_' && _position > start)
            _position++;
        return _text[start.._position].Replace("_", "", StringComparison.Ordinal);
    }

    private object IntegerOf(string digits, int radix, char suffix, int start)
    {
        var value = BigInteger.Zero;
        foreach (var digit in digits)
        {
            var number = Convert.ToInt32(digit.ToString(), 16);
            if (number >= radix)
                throw Error(start, $"'{digit}' is no digit in base {radix}.");
            value = value * radix + number;
        }
        return suffix switch
        {
            'g' => value,
            'l' when value > long.MaxValue + BigInteger.One => throw Error(start, "The number does not fit in 64 bits."),
            'i' when value > int.MaxValue + BigInteger.One => throw Error(start, "The number does not fit in 32 bits."),
            'l' => new IntegerLiteral(value, isLong: true),
            _ => new IntegerLiteral(value, isLong: false),
        };
    }

    private object FractionOf(string digits, char suffix, int start)
    {
        switch (suffix)
        {
            case 'd':
                return double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
            case 'f':
                return float.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
            default:
                return decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                    ? value
                    : throw Error(start, "The decimal number is too large; write it with the suffix d.");
        }
    }
}

/// <summary>A whole number as written, before its sign is known: the smallest number of a type is written with a minus sign in front.</summary>
internal sealed class IntegerLiteral(BigInteger magnitude, bool isLong)
{
    /// <summary>The number with its sign, in the smallest type that fits.</summary>
    public object WithSign(bool isNegative)
    {
        var value = isNegative ? -magnitude : magnitude;
        if (!isLong && value >= int.MinValue && value <= int.MaxValue)
            return (int)value;
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }
}
