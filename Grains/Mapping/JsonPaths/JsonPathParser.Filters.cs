using System.Globalization;
using Divolte.Grains.Mapping.Patterns;

namespace Divolte.Grains.Mapping.JsonPaths;

/// <content>Filters.</content>
internal sealed partial class JsonPathParser
{
    private static readonly string[] Comparisons = ["===", "!==", "==", "!=", "<=", ">=", "=~", "<", ">"];

    private static readonly string[] WordComparisons =
        ["subsetof", "contains", "noneof", "anyof", "empty", "size", "nin", "all", "in"];

    private FilterStep ReadFilter()
    {
        Expect('?');
        SkipBlanks();
        Expect('(');
        _depth++;
        var condition = ReadOr();
        _depth--;
        SkipBlanks();
        Expect(')');
        return new FilterStep(condition);
    }

    private PathCondition ReadOr()
    {
        var left = ReadAnd();
        while (SkipTo("||"))
            left = new LogicCondition(left, ReadAnd(), isAnd: false);
        return left;
    }

    private PathCondition ReadAnd()
    {
        var left = ReadTerm();
        while (SkipTo("&&"))
            left = new LogicCondition(left, ReadTerm(), isAnd: true);
        return left;
    }

    private bool SkipTo(string symbol)
    {
        SkipBlanks();
        return TryTake(symbol);
    }

    private PathCondition ReadTerm()
    {
        if (++_depth > DepthMax)
            throw Error("nested too deeply");
        SkipBlanks();
        PathCondition condition;
        if (Current == '!' && At(1) != '=')
        {
            _position++;
            condition = new NotCondition(ReadTerm());
        }
        else if (TryTake("("))
        {
            condition = ReadOr();
            SkipBlanks();
            Expect(')');
        }
        else
            condition = ReadComparison();
        _depth--;
        return condition;
    }

    private PathCondition ReadComparison()
    {
        var left = ReadOperand();
        SkipBlanks();
        var symbol = Comparisons.FirstOrDefault(TryTake) ?? WordComparisons.FirstOrDefault(TryTakeWord);
        if (symbol is not null)
            return new ComparisonCondition(left, symbol, ReadOperand());
        if (!left.IsPath || Current is not (')' or '&' or '|'))
            throw Error("an operator expected");
        return new ExistsCondition(left);
    }

    private bool TryTakeWord(string word)
    {
        if (string.Compare(_text, _position, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) != 0 || char.IsLetterOrDigit(At(word.Length)))
            return false;
        _position += word.Length;
        return true;
    }

    private PathOperand ReadOperand()
    {
        SkipBlanks();
        switch (Current)
        {
            case '@' or '$':
                var startsAtRoot = Current == '$';
                _position++;
                return PathOperand.Path(ReadPath(endsAtOperator: true), startsAtRoot);
            case '\'' or '"':
                return PathOperand.Constant(OperandValue.Of(ReadQuoted()));
            case '[':
                return ReadList();
            case '/':
                return ReadPattern();
            default:
                return ReadWord();
        }
    }

    private PathOperand ReadList()
    {
        Expect('[');
        if (++_depth > DepthMax)
            throw Error("nested too deeply");
        var items = new List<PathOperand>();
        SkipBlanks();
        while (Current != ']')
        {
            items.Add(ReadOperand());
            SkipBlanks();
            if (!TryTake(",") && Current != ']')
                throw Error("',' or ']' expected");
        }
        _position++;
        _depth--;
        return PathOperand.List(items);
    }

    private PathOperand ReadPattern()
    {
        var start = ++_position;
        while (Current != '/')
        {
            if (IsAtEnd)
                throw Error("the pattern is not closed");
            _position += Current == '\\' ? 2 : 1;
        }
        var expression = _text[start..Math.Min(_position, _text.Length)];
        _position++;
        var flags = _position;
        while (char.IsAsciiLetter(Current))
            _position++;
        if (_position > flags)
            expression = $"(?{_text[flags.._position]}){expression}";
        return JavaPattern.TryCompile(expression, out var pattern, out var error)
            ? PathOperand.Constant(OperandValue.Of(pattern))
            : throw Error($"the pattern is not valid: {error}");
    }

    private PathOperand ReadWord()
    {
        var start = _position;
        while (!IsAtEnd && (char.IsAsciiLetterOrDigit(Current) || Current is '-' or '+' or '.'))
            _position++;
        var word = _text[start.._position];
        switch (word)
        {
            case "true" or "false":
                return PathOperand.Constant(OperandValue.Of(word == "true"));
            case "null":
                return PathOperand.Constant(OperandValue.Null);
        }
        return word.Length > 0 && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? PathOperand.Constant(OperandValue.OfNumber(word))
            : throw Error("a value expected");
    }
}
