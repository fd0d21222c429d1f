namespace Divolte.Grains.Mapping.Script;

/// <content>Expressions and command chains.</content>
internal sealed partial class ScriptParser
{
    /// <summary>Operators of two values by precedence, loosest first. Only <c>+</c> and <c>-</c> do not continue the line before.</summary>
    private static readonly string[][] BinaryLevels =
    [
        ["||"],
        ["&&"],
        ["|"],
        ["^"],
        ["&"],
        ["==", "!=", "<=>", "===", "!==", "=~", "==~"],
        ["<", ">", "<=", ">=", "in", "instanceof", "as", "!in"],
        ["<<", ">>", ">>>", "..", "..<"],
        ["+", "-"],
        ["*", "/", "%"],
    ];

    private static readonly string[] AssignmentOperators = ["=", "+=", "-=", "*=", "/=", "%=", "**=", "&=", "|=", "^=", "<<=", ">>=", ">>>=", "?="];

    /// <summary>An expression, or a chain of words without parentheses: <c>a b c d</c> is <c>a(b).c(d)</c>.</summary>
    private Expression ParseCommand()
    {
        var expression = ParseAssignment();
        if (expression is AssignExpression)
            return expression;
        if (expression is NameExpression or MemberExpression && StartsArgument())
            expression = new CallExpression(expression.Position, expression, ParseArguments());
        while (Current.Kind is TokenKind.Identifier or TokenKind.Keyword or TokenKind.Literal)
        {
            if (Current.Kind == TokenKind.Keyword && Current.Text is "in" or "instanceof" or "as" or "else" or "catch" or "finally" or "case" or "default")
                break;
            if (expression is LiteralExpression or TemplateExpression or ListExpression or MapExpression)
                break;
            var word = Take();
            var member = new MemberExpression(word.Position, expression, word.Text, IsSafe: false);
            expression = ParsePathElements(member);
            if (ReferenceEquals(expression, member) && StartsArgument())
                expression = new CallExpression(word.Position, expression, ParseArguments());
        }
        if (Is("="))
            throw Error("Only a variable, a member or an element can be assigned to.");
        return expression;
    }

    /// <summary>Whether the next token can start an argument without parentheses. Signs are operators here.</summary>
    private bool StartsArgument() => Current.Kind switch
    {
        TokenKind.Identifier or TokenKind.Literal or TokenKind.Template => true,
        TokenKind.Keyword => Current.Text is not ("in" or "instanceof" or "as" or "else" or "catch" or "finally" or "case" or "default"),
        TokenKind.Symbol => Current.Text is "!" or "~",
        _ => false,
    };

    private List<Expression> ParseArguments()
    {
        var arguments = new List<Expression>();
        List<(Expression, Expression)>? named = null;
        do
        {
            SkipNewLines();
            if (IsNamedArgument())
            {
                var key = Take();
                _index++;
                SkipNewLines();
                (named ??= []).Add((new LiteralExpression(key.Position, key.Value ?? key.Text), ParseExpression()));
            }
            else
                arguments.Add(ParseExpression());
            SkipNewLinesBefore(",", ")");
        }
        while (TryTake(","));
        if (named is not null)
            arguments.Insert(0, new MapExpression(named[0].Item1.Position, named));
        return arguments;
    }

    private bool IsNamedArgument() =>
        Current.Kind is TokenKind.Identifier or TokenKind.Keyword or TokenKind.Literal && Next.Is(":");

    private Expression ParseAssignment()
    {
        if (Is("(") && TryParseMultipleAssignment() is { } multiple)
            return multiple;
        var target = ParseExpression();
        if (Current.Kind != TokenKind.Symbol || !AssignmentOperators.Contains(Current.Text))
            return target;
        if (target is not (NameExpression or MemberExpression or IndexExpression))
            throw Error("Only a variable, a member or an element can be assigned to.");
        if (target is NameExpression { Name: var name } && _finals.Contains(name) && _scopes.Any(scope => scope.Contains(name)))
            throw Error($"'{name}' is final and cannot be assigned again.");
        var symbol = Take();
        SkipNewLines();
        return new AssignExpression(symbol.Position, target, symbol.Text == "=" ? null : symbol.Text[..^1], Nested(ParseCommand));
    }

    /// <summary><c>(a, b) = …</c></summary>
    private AssignExpression? TryParseMultipleAssignment()
    {
        var index = _index + 1;
        var start = Current.Position;
        var names = new List<Expression>();
        while (_tokens[index].Kind == TokenKind.Identifier)
        {
            names.Add(new NameExpression(_tokens[index].Position, _tokens[index].Text));
            if (!_tokens[++index].Is(","))
                break;
            index++;
        }
        if (names.Count < 2 || !_tokens[index].Is(")") || !_tokens[index + 1].Is("="))
            return null;
        _index = index + 2;
        SkipNewLines();
        return new AssignExpression(start, new ListExpression(start, names), null, Nested(ParseCommand));
    }

    private Expression ParseExpression() => Nested(ParseTernary);

    private Expression ParseTernary()
    {
        var condition = ParseBinary(0);
        if (!SkipNewLinesBefore("?", "?:"))
            return condition;
        var symbol = Take();
        SkipNewLines();
        if (symbol.Text == "?:")
            return new TernaryExpression(symbol.Position, condition, null, Nested(ParseTernary));
        var then = Nested(ParseTernary);
        SkipNewLines();
        Expect(":", "between the values of '? :'");
        SkipNewLines();
        return new TernaryExpression(symbol.Position, condition, then, Nested(ParseTernary));
    }

    private Expression ParseBinary(int level)
    {
        if (level == BinaryLevels.Length)
            return ParsePower();
        var left = ParseBinary(level + 1);
        var count = 0;
        while (TakeOperator(BinaryLevels[level]) is { } symbol)
        {
            // A long chain makes a deep tree, which is walked recursively.
            if (++count > DepthMax)
                throw ErrorAt(symbol.Position, $"More than {DepthMax} operators follow one another here.");
            if (symbol.Text is "as" or "instanceof")
            {
                left = symbol.Text == "as"
                    ? new CastExpression(symbol.Position, left, TakeType())
                    : new BinaryExpression(symbol.Position, symbol.Text, left, new LiteralExpression(Current.Position, TakeType()));
                continue;
            }
            SkipNewLines();
            left = new BinaryExpression(symbol.Position, symbol.Text, left, ParseBinary(level + 1));
        }
        return left;
    }

    /// <summary>Takes an operator of a level. One at the start of a later line belongs to the line before, unless it is also a sign.</summary>
    private ScriptToken? TakeOperator(string[] level)
    {
        if (level[0] != "+")
            SkipNewLinesBefore(level);
        var symbol = Current;
        if (symbol.Is("!") && Next.Is("in") && level.Contains("!in"))
        {
            _index += 2;
            return symbol with { Text = "!in" };
        }
        if (symbol.Kind is not (TokenKind.Symbol or TokenKind.Keyword) || !level.Contains(symbol.Text))
            return null;
        _index++;
        if (symbol.Text != ".." || !Is("<"))
            return symbol;
        _index++;
        return symbol with { Text = "..<" };
    }

    private Expression ParsePower()
    {
        var left = ParseUnary();
        if (!Is("**"))
            return left;
        var symbol = Take();
        SkipNewLines();
        return new BinaryExpression(symbol.Position, "**", left, Nested(ParsePower));
    }

    private Expression ParseUnary()
    {
        if (Current.Kind != TokenKind.Symbol || Current.Text is not ("!" or "-" or "+" or "~" or "++" or "--"))
            return ParsePostfix();
        var symbol = Take();
        if (symbol.Text is "++" or "--")
            return new StepExpression(symbol.Position, Nested(ParseUnary), symbol.Text == "++", IsPrefix: true);
        if (symbol.Text == "-" && Current is { Kind: TokenKind.Literal, Value: IntegerLiteral integer })
        {
            // Folded at once: the smallest number of a type has no positive counterpart.
            _index++;
            return ParsePathElements(new LiteralExpression(symbol.Position, integer.WithSign(isNegative: true)));
        }
        return new UnaryExpression(symbol.Position, symbol.Text, Nested(ParseUnary));
    }

    private Expression ParsePostfix()
    {
        if (TryParseCast() is { } cast)
            return cast;
        var expression = ParsePathElements(ParsePrimary());
        while (Is("++") || Is("--"))
        {
            var symbol = Take();
            expression = new StepExpression(symbol.Position, expression, symbol.Text == "++", IsPrefix: false);
        }
        return expression;
    }

    /// <summary><c>(Type) value</c></summary>
    private CastExpression? TryParseCast()
    {
        var index = _index + 1;
        if (!Is("(") || !TrySkipType(ref index) || !_tokens[index].Is(")"))
            return null;
        var after = _tokens[index + 1];
        var startsValue = after.Kind is TokenKind.Identifier or TokenKind.Literal or TokenKind.Template || after.Is("(") || after.Is("[");
        if (!startsValue || index == _index + 1)
            return null;
        var start = Take().Position;
        var type = TakeType();
        _index++;
        return new CastExpression(start, Nested(ParseUnary), type);
    }

    private Expression ParsePathElements(Expression expression)
    {
        var count = 0;
        while (true)
        {
            if (++count > DepthMax)
                throw Error($"More than {DepthMax} members, calls and indexes follow one another here.");
            if (SkipNewLinesBefore(".", "?."))
                expression = ParseMember(expression);
            else if (Is("(") && IsCallable(expression))
                expression = ParseCall(expression);
            else if (IsCallable(expression) && SkipNewLinesBefore("{"))
                expression = WithArgument(expression, ParseClosure());
            else if (Is("["))
                expression = ParseIndex(expression);
            else if (Is("*."))
                expression = ParseSpread(expression);
            else if (Is(".&") || Is(".@") || Is("::"))
                throw Error($"The operator '{Current.Text}' is not supported in mapping scripts.");
            else
                return expression;
        }
    }

    private SpreadExpression ParseSpread(Expression target)
    {
        var position = Take().Position;
        var name = ExpectName("a name behind '*.'");
        if (!Is("("))
            return new SpreadExpression(position, target, name, null);
        return new SpreadExpression(position, target, name, ParseCall(target).Arguments);
    }

    private static bool IsCallable(Expression expression) => expression is not (LiteralExpression or TemplateExpression or ListExpression or MapExpression);

    private MemberExpression ParseMember(Expression target)
    {
        var symbol = Take();
        SkipNewLines();
        var name = Current;
        if (name.Kind == TokenKind.Template)
        {
            _index++;
            return new MemberExpression(name.Position, target, "", symbol.Text == "?.") { Computed = ParseTemplate(name) };
        }
        if (name.Kind is not (TokenKind.Identifier or TokenKind.Keyword) && name is not { Kind: TokenKind.Literal, Value: string })
            throw Error($"Found {name.Description} where a name is needed behind '{symbol.Text}'.");
        _index++;
        return new MemberExpression(name.Position, target, name.Text, symbol.Text == "?.");
    }

    private CallExpression ParseCall(Expression callee)
    {
        var start = Take().Position;
        SkipNewLines();
        var arguments = Is(")") ? [] : Nested(ParseArguments);
        SkipNewLines();
        Expect(")", "behind the arguments");
        return new CallExpression(callee is NameExpression or MemberExpression ? callee.Position : start, callee, arguments);
    }

    /// <summary>A closure behind a call is its last argument; behind a name it is the only one.</summary>
    private static CallExpression WithArgument(Expression expression, ClosureExpression closure) => expression is CallExpression call
        ? call with { Arguments = [.. call.Arguments, closure] }
        : new CallExpression(expression.Position, expression, [closure]);

    private IndexExpression ParseIndex(Expression target)
    {
        var start = Take().Position;
        var indexes = new List<Expression>();
        while (!Is("]"))
        {
            if (Is(":") || IsNamedArgument())
                throw Error("A map literal cannot follow a word directly: it is read as an index. Put it in parentheses.");
            indexes.Add(ParseExpression());
            if (!TryTake(","))
                break;
        }
        Expect("]", "behind the index");
        return new IndexExpression(start, target, indexes);
    }
}
