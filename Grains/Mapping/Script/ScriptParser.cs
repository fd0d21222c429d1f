namespace Divolte.Grains.Mapping.Script;

/// <summary>Makes a syntax tree of a script. Nesting is bounded, so that no text can exhaust the stack.</summary>
internal sealed partial class ScriptParser
{
    /// <summary>Deepest nesting of blocks, brackets and operators.</summary>
    private const int DepthMax = 120;

    private readonly ScriptSource _source;
    private readonly List<ScriptToken> _tokens;
    private readonly Stack<HashSet<string>> _scopes;
    private readonly HashSet<string> _finals = new(StringComparer.Ordinal);
    private int _index;
    private int _depth;
    private int _loopDepth;
    private int _switchDepth;
    private readonly ScriptMistakes _mistakes;

    /// <param name="source">The script.</param>
    /// <param name="tokens">Its tokens, or those of an insertion.</param>
    /// <param name="scopes">Variables of the surrounding blocks.</param>
    /// <param name="mistakes">Where mistakes are noted, so that parsing goes on behind them.</param>
    private ScriptParser(ScriptSource source, List<ScriptToken> tokens, Stack<HashSet<string>> scopes, ScriptMistakes mistakes)
    {
        _source = source;
        _tokens = tokens;
        _scopes = scopes;
        _mistakes = mistakes;
    }

    /// <summary>The statements of a script.</summary>
    /// <exception cref="ScriptException">The text is no script.</exception>
    public static Block Parse(ScriptSource source)
    {
        var scopes = new Stack<HashSet<string>>();
        scopes.Push(new HashSet<string>(StringComparer.Ordinal));
        var mistakes = new ScriptMistakes();
        var parser = new ScriptParser(source, ScriptLexer.Read(source), scopes, mistakes);
        try
        {
            var block = parser.ParseStatements(() => parser.Current.Kind == TokenKind.End);
            if (!mistakes.HasAny)
                return block;
        }
        catch (ScriptException mistake)
        {
            mistakes.Add(mistake);
        }
        throw mistakes.ToException();
    }

    private ScriptToken Current => _tokens[_index];

    private ScriptToken Next => _tokens[Math.Min(_index + 1, _tokens.Count - 1)];

    private bool Is(string symbol) => Current.Is(symbol);

    private ScriptToken Take() => _tokens[Current.Kind == TokenKind.End ? _index : _index++];

    private bool TryTake(string symbol)
    {
        if (!Is(symbol))
            return false;
        _index++;
        return true;
    }

    private ScriptToken Expect(string symbol, string where)
    {
        if (!Is(symbol))
            throw Error($"Found {Current.Description} where '{symbol}' is needed {where}.");
        return Take();
    }

    private string ExpectName(string where)
    {
        if (Current.Kind != TokenKind.Identifier)
            throw Error($"Found {Current.Description} where {where} is needed.");
        return Take().Text;
    }

    private ScriptException Error(string message) => ErrorAt(Current.Position, message);

    private ScriptException ErrorAt(ScriptPosition position, string message) => _source.ErrorAt(position, message);

    private void SkipNewLines()
    {
        while (Current.Kind == TokenKind.NewLine)
            _index++;
    }

    /// <summary>Skips to a symbol on a later line; stays when something else comes first.</summary>
    private bool SkipNewLinesBefore(params ReadOnlySpan<string> symbols)
    {
        var ahead = _index;
        while (_tokens[ahead].Kind == TokenKind.NewLine)
            ahead++;
        foreach (var symbol in symbols)
        {
            if (!_tokens[ahead].Is(symbol))
                continue;
            _index = ahead;
            return true;
        }
        return false;
    }

    private T Nested<T>(Func<T> parse)
    {
        if (++_depth > DepthMax)
            throw Error($"The script is nested deeper than {DepthMax} levels here.");
        var node = parse();
        _depth--;
        return node;
    }

    private T Scoped<T>(Func<T> parse)
    {
        _scopes.Push(new HashSet<string>(StringComparer.Ordinal));
        var node = parse();
        _scopes.Pop();
        return node;
    }

    private void Declare(string name, ScriptPosition position)
    {
        if (_scopes.Any(scope => scope.Contains(name)))
            throw ErrorAt(position, $"A variable '{name}' exists here already.");
        _scopes.Peek().Add(name);
    }

    private void DeclareParameters(IReadOnlyList<Parameter> parameters)
    {
        foreach (var parameter in parameters)
            _scopes.Peek().Add(parameter.Name);
    }
}
