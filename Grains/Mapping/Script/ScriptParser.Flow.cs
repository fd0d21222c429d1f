namespace Divolte.Grains.Mapping.Script;

/// <content>Conditions, loops, switch and try.</content>
internal sealed partial class ScriptParser
{
    private IfStatement ParseIf()
    {
        var start = Take().Position;
        Expect("(", "behind 'if'");
        var condition = ParseExpression();
        Expect(")", "behind the condition");
        var then = ParseBranch();
        var before = _index;
        while (Current.Kind == TokenKind.NewLine || Is(";"))
            _index++;
        if (TryTake("else"))
            return new IfStatement(start, condition, then, Nested(ParseBranch));
        _index = before;
        return new IfStatement(start, condition, then, null);
    }

    private Statement ParseFor()
    {
        var start = Take().Position;
        Expect("(", "behind 'for'");
        var before = _index;
        if (TryParseForIn(start) is { } forIn)
            return forIn;
        _index = before;
        var first = new List<Statement>();
        if (!Is(";"))
            first.Add(ParseStatement());
        Expect(";", "behind the start of the loop");
        var condition = Is(";") ? null : ParseExpression();
        Expect(";", "behind the condition of the loop");
        var step = new List<Expression>();
        while (!Is(")"))
        {
            step.Add(ParseAssignment());
            if (!TryTake(","))
                break;
        }
        Expect(")", "behind the head of the loop");
        return new ForStatement(start, first, condition, step, InLoop(ParseBranch));
    }

    private ForInStatement? TryParseForIn(ScriptPosition start)
    {
        var isUntyped = false;
        while (Is("def") || Is("final") || Is("var"))
        {
            _index++;
            isUntyped = true;
        }
        var end = _index;
        if (!isUntyped && TrySkipType(ref end) && _tokens[end].Kind == TokenKind.Identifier)
            _index = end;
        if (Current.Kind != TokenKind.Identifier || !Next.Is("in") && !Next.Is(":"))
            return null;
        var name = Take().Text;
        _index++;
        var items = ParseExpression();
        Expect(")", "behind the head of the loop");
        Declare(name, start);
        return new ForInStatement(start, name, items, InLoop(ParseBranch));
    }

    private WhileStatement ParseWhile()
    {
        var start = Take().Position;
        Expect("(", "behind 'while'");
        var condition = ParseExpression();
        Expect(")", "behind the condition");
        return new WhileStatement(start, condition, InLoop(ParseBranch), IsBodyFirst: false);
    }

    private WhileStatement ParseDo()
    {
        var start = Take().Position;
        var body = InLoop(ParseBranch);
        SkipNewLines();
        Expect("while", "behind the body of 'do'");
        Expect("(", "behind 'while'");
        var condition = ParseExpression();
        Expect(")", "behind the condition");
        return new WhileStatement(start, condition, body, IsBodyFirst: true);
    }

    private SwitchStatement ParseSwitch()
    {
        var start = Take().Position;
        Expect("(", "behind 'switch'");
        var value = ParseExpression();
        Expect(")", "behind the value");
        SkipNewLines();
        Expect("{", "behind 'switch (…)'");
        var cases = new List<SwitchCase>();
        SkipNewLines();
        while (!Is("}"))
        {
            Expression? tested = null;
            if (TryTake("case"))
                tested = ParseExpression();
            else
                Expect("default", "or 'case' in a switch");
            Expect(":", "behind a case");
            _switchDepth++;
            var body = Scoped(() => ParseStatements(() => Is("case") || Is("default") || Is("}") || Current.Kind == TokenKind.End));
            _switchDepth--;
            cases.Add(new SwitchCase(tested, body.Statements));
        }
        Expect("}", "to end the switch");
        return new SwitchStatement(start, value, cases);
    }

    private TryStatement ParseTry()
    {
        var start = Take().Position;
        SkipNewLines();
        var body = ParseBlock("behind 'try'");
        var catches = new List<CatchClause>();
        while (SkipNewLinesBefore("catch") && TryTake("catch"))
        {
            Expect("(", "behind 'catch'");
            var types = new List<string>();
            TryTake("final");
            if (!Next.Is(")"))
            {
                do
                    types.Add(TakeType());
                while (TryTake("|"));
            }
            var name = ExpectName("the name of the exception");
            Expect(")", "behind the exception");
            SkipNewLines();
            catches.Add(new CatchClause(types, name, Scoped(() =>
            {
                _scopes.Peek().Add(name);
                return ParseBlock("behind 'catch (…)'");
            })));
        }
        Block? last = null;
        if (SkipNewLinesBefore("finally") && TryTake("finally"))
        {
            SkipNewLines();
            last = ParseBlock("behind 'finally'");
        }
        if (catches.Count == 0 && last is null)
            throw ErrorAt(start, "A 'try' needs a 'catch' or 'finally'.");
        return new TryStatement(start, body, catches, last);
    }

    private AssertStatement ParseAssert()
    {
        var start = Take().Position;
        var condition = ParseExpression();
        return new AssertStatement(start, condition, TryTake(":") || TryTake(",") ? ParseExpression() : null);
    }
}
