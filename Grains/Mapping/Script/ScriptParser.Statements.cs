using Divolte.Grains.Mapping.Script.Library;

namespace Divolte.Grains.Mapping.Script;

/// <content>Statements.</content>
internal sealed partial class ScriptParser
{
    private static readonly string[] Unsupported =
        ["class", "interface", "enum", "trait", "package", "static", "private", "public", "protected", "abstract", "synchronized", "goto", "const"];

    private static readonly HashSet<string> PrimitiveTypes =
        new(["boolean", "byte", "char", "short", "int", "long", "float", "double", "void"], StringComparer.Ordinal);

    private Block ParseStatements(Func<bool> isAtEnd)
    {
        var start = Current.Position;
        var statements = new List<Statement>();
        while (true)
        {
            while (Current.Kind == TokenKind.NewLine || Is(";"))
                _index++;
            if (isAtEnd())
                return new Block(start, statements);
            var first = _index;
            var (depth, scopes, loopDepth, switchDepth) = (_depth, _scopes.Count, _loopDepth, _switchDepth);
            try
            {
                statements.Add(Nested(ParseStatement));
                if (!isAtEnd() && Current.Kind != TokenKind.NewLine && !Is(";"))
                    throw Error($"Found {Current.Description} where the statement should end.");
            }
            catch (ScriptException mistake) when (!_mistakes.IsFull && EndOfStatement(first) is { } end)
            {
                _mistakes.Add(mistake);
                _index = end;
                (_depth, _loopDepth, _switchDepth) = (depth, loopDepth, switchDepth);
                while (_scopes.Count > scopes)
                    _scopes.Pop();
                DeclareWhatFailed(first);
            }
        }
    }

    /// <summary>
    /// Where the statement that starts at a token ends, by its brackets: the place to go on after a mistake in it. Null when nothing follows that would
    /// be worth looking at, or when the brackets do not tell.
    /// </summary>
    private int? EndOfStatement(int first)
    {
        var open = 0;
        for (var index = first; index < _tokens.Count && _tokens[index].Kind != TokenKind.End; index++)
        {
            var token = _tokens[index];
            if (token.Is("{") || token.Is("(") || token.Is("["))
                open++;
            else if ((token.Is("}") || token.Is(")") || token.Is("]")) && --open < 0)
                return index > first && token.Is("}") ? index : null;
            else if (open == 0 && index >= _index && (token.Is(";") || token.Kind == TokenKind.NewLine && !ContinuesBehind(index)))
                return index;
        }
        return null;
    }

    private bool ContinuesBehind(int newLine)
    {
        var next = _tokens[newLine + 1];
        return next.Is(".") || next.Is("?.") || next.Is("else") || next.Is("catch") || next.Is("finally");
    }

    /// <summary>A variable whose declaration has a mistake is there all the same.</summary>
    private void DeclareWhatFailed(int first)
    {
        if (_tokens[first].Is("def") && _tokens[first + 1].Kind == TokenKind.Identifier)
            _scopes.Peek().Add(_tokens[first + 1].Text);
    }

    /// <summary>The statements between braces; the opening one is next.</summary>
    private Block ParseBlock(string where)
    {
        Expect("{", where);
        var block = Scoped(() => ParseStatements(() => Is("}") || Current.Kind == TokenKind.End));
        Expect("}", "to end the block");
        return block;
    }

    private Statement ParseBranch()
    {
        SkipNewLines();
        return Nested(() => Is("{") ? ParseBlock("") : Scoped(ParseStatement));
    }

    private Statement ParseStatement()
    {
        var start = Current;
        if (start.Kind == TokenKind.Keyword)
        {
            switch (start.Text)
            {
                case "def" or "var" or "final":
                    return ParseDeclaration();
                case "if":
                    return ParseIf();
                case "for":
                    return Scoped(ParseFor);
                case "while":
                    return ParseWhile();
                case "switch":
                    return ParseSwitch();
                case "try":
                    return ParseTry();
                case "return":
                    _index++;
                    return new ReturnStatement(start.Position, EndsStatement() ? null : ParseCommand());
                case "throw":
                    _index++;
                    return new ThrowStatement(start.Position, ParseExpression());
                case "assert":
                    return ParseAssert();
                case "do":
                    return ParseDo();
                case "break" or "continue":
                    if (_loopDepth == 0 && (start.Text == "continue" || _switchDepth == 0))
                        throw Error($"'{start.Text}' is possible only in a loop{(start.Text == "break" ? " or switch" : "")}.");
                    _index++;
                    return new JumpStatement(start.Position, start.Text == "break");
                case "import":
                    return ParseImport();
            }
            if (Unsupported.Contains(start.Text))
                throw Error($"'{start.Text}' is not supported in mapping scripts.");
            if (PrimitiveTypes.Contains(start.Text) && Next.Kind == TokenKind.Identifier)
                return ParseDeclaration();
        }
        if (StartsTypedDeclaration())
            return ParseDeclaration();
        return new ExpressionStatement(start.Position, ParseCommand());
    }

    private ImportStatement ParseImport()
    {
        var start = Take().Position;
        TryTake("static");
        var name = new System.Text.StringBuilder();
        while (Current.Kind is TokenKind.Identifier or TokenKind.Keyword || Is(".") || Is("*"))
            name.Append(Take().Text);
        if (!Types.IsImportable(name.ToString()))
            throw ErrorAt(start, $"The class {name} cannot be imported: mapping scripts know only a few of Java's classes.");
        return new ImportStatement(start, name.ToString());
    }

    private T InLoop<T>(Func<T> parse)
    {
        _loopDepth++;
        var parsed = parse();
        _loopDepth--;
        return parsed;
    }

    private bool EndsStatement() => Current.Kind is TokenKind.NewLine or TokenKind.End || Is(";") || Is("}");

    /// <summary>Whether a type with a capital letter and a name follow, as in <c>String s = …</c>; <c>map x</c> is a command.</summary>
    private bool StartsTypedDeclaration()
    {
        var index = _index;
        if (!TrySkipType(ref index) || _tokens[index].Kind != TokenKind.Identifier || index == _index)
            return false;
        var after = _tokens[Math.Min(index + 1, _tokens.Count - 1)];
        return after.Is("=") || after.Is(";") || after.Is("}") || after.Is("(") || after.Kind is TokenKind.NewLine or TokenKind.End;
    }

    /// <summary>Skips <c>a.b.Type&lt;X, Y&gt;[]</c>.</summary>
    private bool TrySkipType(ref int index)
    {
        if (_tokens[index].Kind == TokenKind.Keyword && PrimitiveTypes.Contains(_tokens[index].Text))
            index++;
        else
        {
            if (_tokens[index].Kind != TokenKind.Identifier)
                return false;
            while (_tokens[index].Kind == TokenKind.Identifier && _tokens[index + 1].Is(".") && _tokens[index + 2].Kind == TokenKind.Identifier)
                index += 2;
            if (!char.IsUpper(_tokens[index].Text[0]))
                return false;
            index++;
        }
        if (_tokens[index].Is("<"))
        {
            var depth = 0;
            do
            {
                depth += _tokens[index].Text switch { "<" => 1, ">" => -1, ">>" => -2, ">>>" => -3, _ => 0 };
                var isPart = _tokens[index].Kind == TokenKind.Identifier || "<>>>,.?".Contains(_tokens[index].Text, StringComparison.Ordinal);
                if (_tokens[index].Kind == TokenKind.End || depth > 0 && !isPart)
                    return false;
                index++;
            }
            while (depth > 0);
        }
        while (_tokens[index].Is("[") && _tokens[index + 1].Is("]"))
            index += 2;
        return true;
    }

    /// <summary>Takes a type and returns its name without parameters.</summary>
    private string TakeType()
    {
        var start = _index;
        var end = _index;
        if (!TrySkipType(ref end))
            throw Error($"Found {Current.Description} where a type is needed.");
        var name = new System.Text.StringBuilder();
        while (_index < end && !Is("<") && !Is("["))
            name.Append(Take().Text);
        var isArray = _tokens[end - 1].Is("]");
        if (!Types.IsKnown(name.ToString()))
            throw ErrorAt(_tokens[start].Position, $"There is no type '{name}' in mapping scripts.");
        _index = end;
        return isArray ? name + "[]" : name.ToString();
    }

    private Statement ParseDeclaration()
    {
        var start = Current.Position;
        var isKnown = false;
        var isFinal = false;
        while (Is("def") || Is("var") || Is("final"))
        {
            isFinal |= Take().Text == "final";
            isKnown = true;
        }
        if (isKnown && Is("("))
            return ParseMultipleDeclaration(start);
        var type = !isKnown || Current.Kind == TokenKind.Keyword || StartsTypedDeclaration() ? TakeType() : null;
        var position = Current.Position;
        var name = ExpectName("the name of a variable");
        if (Is("(") && !Current.IsSpaced)
            return ParseMethod(start, name);
        var value = ParseInitialiser();
        Declare(name, position);
        if (isFinal && value is not null)
            _finals.Add(name);
        if (!Is(","))
            return new DeclarationStatement(start, [name], type, IsMultiple: false, value);

        var all = new List<Statement> { new DeclarationStatement(start, [name], type, IsMultiple: false, value) };
        while (TryTake(","))
        {
            SkipNewLines();
            position = Current.Position;
            name = ExpectName("the name of a variable");
            value = ParseInitialiser();
            Declare(name, position);
            all.Add(new DeclarationStatement(position, [name], type, IsMultiple: false, value));
        }
        return new DeclarationList(start, all);
    }

    private Expression? ParseInitialiser()
    {
        if (!TryTake("="))
            return null;
        SkipNewLines();
        return ParseCommand();
    }

    private DeclarationStatement ParseMultipleDeclaration(ScriptPosition start)
    {
        Expect("(", "");
        var names = new List<string>();
        do
        {
            if (Next.Kind == TokenKind.Identifier)
                TakeType();
            names.Add(ExpectName("the name of a variable"));
        }
        while (TryTake(","));
        Expect(")", "behind the variables");
        Expect("=", "behind the variables");
        SkipNewLines();
        var value = ParseCommand();
        names.ForEach(name => Declare(name, start));
        return new DeclarationStatement(start, names, null, IsMultiple: true, value);
    }

    private MethodStatement ParseMethod(ScriptPosition start, string name)
    {
        Expect("(", "");
        var parameters = Is(")") ? [] : ParseParameters();
        Expect(")", "behind the parameters");
        SkipNewLines();
        // A method does not see the variables around it.
        var inner = new ScriptParser(_source, _tokens, new Stack<HashSet<string>>(), _mistakes) { _index = _index, _depth = _depth };
        inner._scopes.Push(new HashSet<string>(StringComparer.Ordinal));
        inner.DeclareParameters(parameters);
        var body = inner.ParseBlock("to start the body of the method");
        _index = inner._index;
        return new MethodStatement(start, name, parameters, body);
    }

    private List<Parameter> ParseParameters()
    {
        var parameters = new List<Parameter>();
        do
        {
            SkipNewLines();
            var isUntyped = false;
            while (Is("def") || Is("final") || Is("var"))
            {
                _index++;
                isUntyped = true;
            }
            var end = _index;
            var type = !isUntyped && TrySkipType(ref end) && _tokens[end].Kind == TokenKind.Identifier ? TakeType() : null;
            var name = ExpectName("the name of a parameter");
            SkipNewLinesBefore(",", "->", ")");
            parameters.Add(new Parameter(name, type, TryTake("=") ? ParseExpression() : null));
            SkipNewLinesBefore(",", "->", ")");
        }
        while (TryTake(","));
        return parameters;
    }
}
