namespace Divolte.Grains.Mapping.Script;

/// <content>Literals, lists, maps, strings with insertions, closures.</content>
internal sealed partial class ScriptParser
{
    private Expression ParsePrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                _index++;
                return new NameExpression(token.Position, token.Text);
            case TokenKind.Literal:
                _index++;
                return new LiteralExpression(token.Position, token.Value is IntegerLiteral integer ? integer.WithSign(isNegative: false) : token.Value);
            case TokenKind.Template:
                _index++;
                return ParseTemplate(token);
            case TokenKind.Keyword:
                return ParseKeyword(token);
        }
        switch (token.Text)
        {
            case "(":
                return ParseParenthesised();
            case "[":
                return ParseListOrMap();
            case "{":
                return ParseClosure();
            default:
                throw Error($"Found {token.Description} where a value is needed.");
        }
    }

    private Expression ParseKeyword(ScriptToken token)
    {
        _index++;
        switch (token.Text)
        {
            case "true" or "false":
                return new LiteralExpression(token.Position, token.Text == "true");
            case "null":
                return new LiteralExpression(token.Position, null);
            case "this" or "super":
                return new NameExpression(token.Position, token.Text);
            case "new":
                var type = TakeType();
                Expect("(", "behind the type");
                var arguments = Is(")") ? [] : Nested(ParseArguments);
                Expect(")", "behind the arguments");
                return new NewExpression(token.Position, type, arguments);
        }
        if (PrimitiveTypes.Contains(token.Text) && token.Text != "void")
            return new NameExpression(token.Position, token.Text);
        throw ErrorAt(token.Position, $"Found {token.Description} where a value is needed.");
    }

    private TemplateExpression ParseTemplate(ScriptToken token)
    {
        var parts = new List<object>();
        foreach (var part in (List<object>)token.Value!)
        {
            if (part is not List<ScriptToken> tokens)
            {
                parts.Add(part);
                continue;
            }
            var inner = new ScriptParser(_source, tokens, _scopes, _mistakes) { _depth = _depth + 1 };
            inner.SkipNewLines();
            if (inner._depth > DepthMax)
                throw ErrorAt(token.Position, $"The script is nested deeper than {DepthMax} levels here.");
            if (inner.Current.Kind == TokenKind.End)
            {
                parts.Add(new LiteralExpression(token.Position, null));
                continue;
            }
            parts.Add(inner.ParseCommand());
            inner.SkipNewLines();
            if (inner.Current.Kind != TokenKind.End)
                throw inner.Error($"Found {inner.Current.Description} where the insertion should end.");
        }
        return new TemplateExpression(token.Position, parts);
    }

    /// <summary>In parentheses a whole command chain may stand.</summary>
    private Expression ParseParenthesised()
    {
        Expect("(", "");
        SkipNewLines();
        var inner = Nested(ParseCommand);
        SkipNewLines();
        Expect(")", "to close the parenthesis");
        // A name in parentheses is a value, not the start of a command.
        return inner is NameExpression or MemberExpression ? new ParenthesisedExpression(inner.Position, inner) : inner;
    }

    private Expression ParseListOrMap()
    {
        var start = Expect("[", "").Position;
        if (TryTake(":"))
        {
            Expect("]", "behind '[:'");
            return new MapExpression(start, []);
        }
        var items = new List<Expression>();
        var entries = new List<(Expression, Expression)>();
        while (!Is("]"))
        {
            Expression item;
            if (IsNamedArgument())
            {
                var key = Take();
                item = new LiteralExpression(key.Position, key.Value is IntegerLiteral integer ? integer.WithSign(isNegative: false) : key.Value ?? key.Text);
            }
            else if (Is("*"))
                item = new UnpackExpression(Take().Position, ParseExpression());
            else
                item = ParseExpression();
            if (TryTake(":"))
                entries.Add((item, ParseExpression()));
            else
                items.Add(item);
            if (entries.Count > 0 && items.Count > 0)
                throw Error("A list cannot have entries with and without a key.");
            if (!TryTake(","))
                break;
        }
        Expect("]", "to close the list");
        return entries.Count > 0 ? new MapExpression(start, entries) : new ListExpression(start, items);
    }

    private ClosureExpression ParseClosure()
    {
        var start = Expect("{", "").Position;
        return Nested(() => Scoped(() =>
        {
            var (loopDepth, switchDepth) = (_loopDepth, _switchDepth);
            _loopDepth = _switchDepth = 0;
            var parameters = TryParseClosureParameters();
            if (parameters is not null)
                DeclareParameters(parameters);
            var body = ParseStatements(() => Is("}") || Current.Kind == TokenKind.End);
            Expect("}", $"to end the closure that line {_source.Locate(start).Line} opens");
            (_loopDepth, _switchDepth) = (loopDepth, switchDepth);
            return new ClosureExpression(start, parameters ?? [], parameters is null, body);
        }));
    }

    /// <summary>The parameters in front of an arrow; null when there is no arrow.</summary>
    private List<Parameter>? TryParseClosureParameters()
    {
        var start = _index;
        SkipNewLines();
        if (TryTake("->"))
            return [];
        if (!HasArrowAhead())
        {
            _index = start;
            return null;
        }
        var parameters = ParseParameters();
        SkipNewLines();
        Expect("->", "behind the parameters");
        return parameters;
    }

    /// <summary>Whether an arrow ends this list of parameters, before any bracket closes and any statement ends.</summary>
    private bool HasArrowAhead()
    {
        var depth = 0;
        for (var index = _index; _tokens[index].Kind != TokenKind.End; index++)
        {
            var token = _tokens[index];
            if (depth == 0 && token.Is("->"))
                return true;
            if (token.Is("(") || token.Is("[") || token.Is("{"))
                depth++;
            else if ((token.Is(")") || token.Is("]") || token.Is("}")) && --depth < 0)
                return false;
            else if (depth == 0 && token.Is(";"))
                return false;
            else if (depth == 0 && token.Kind == TokenKind.NewLine && !IsInsideParameters(index))
                return false;
        }
        return false;
    }

    /// <summary>A newline among parameters follows a comma or precedes a comma or the arrow.</summary>
    private bool IsInsideParameters(int newLine)
    {
        var after = newLine;
        while (_tokens[after].Kind == TokenKind.NewLine)
            after++;
        return _tokens[newLine - 1].Is(",") || _tokens[newLine - 1].Kind == TokenKind.NewLine || _tokens[after].Is(",") || _tokens[after].Is("->");
    }
}
