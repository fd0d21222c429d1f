using System.Runtime.CompilerServices;
using Divolte.Grains.Mapping.Script.Library;
using Divolte.Grains.Mapping.Script.Vocabulary;

namespace Divolte.Grains.Mapping.Script;

/// <summary>
/// Runs a script, once, at start: what it says about events becomes the actions of a program; everything else is done here and then.
/// Bounded in steps, depth and memory.
/// </summary>
internal sealed partial class ScriptEvaluator
{
    private readonly ScriptSource _source;
    private readonly ScriptBudget _budget = new();
    private readonly ScriptMistakes _mistakes = new();
    private readonly Dictionary<string, object?> _globals = new(StringComparer.Ordinal);
    private readonly MappingVocabulary _vocabulary;

    private ScriptEvaluator(ScriptSource source, MappingContext context)
    {
        _source = source;
        _vocabulary = new MappingVocabulary(context, this);
    }

    /// <summary>Compiles a script.</summary>
    /// <param name="source">The script.</param>
    /// <param name="context">The schema that it maps onto, and what producers need.</param>
    /// <exception cref="ScriptException">The script has a mistake or does not fit the schema.</exception>
    public static MappingProgram Compile(ScriptSource source, MappingContext context)
    {
        var evaluator = new ScriptEvaluator(source, context);
        var script = ScriptParser.Parse(source);
        try
        {
            evaluator.RunScript(script);
        }
        catch (InsufficientExecutionStackException)
        {
            evaluator._mistakes.Add(evaluator.ErrorAt(script.Position, "The script calls itself too deeply."));
        }
        catch (ScriptException mistake)
        {
            evaluator._mistakes.Add(mistake);
        }
        return evaluator._mistakes.HasAny ? throw evaluator._mistakes.ToException() : context.Finish();
    }

    public MappingContext Context => _vocabulary.Context;

    public ScriptException ErrorAt(ScriptPosition position, string message) => _source.ErrorAt(position, message);

    /// <summary>File and line, as explanations name a place.</summary>
    public string PlaceOf(ScriptPosition position) => $"{Path.GetFileName(_source.File)}:{_source.Locate(position).Line}";

    /// <summary>Notes something that is allowed but hardly meant.</summary>
    public void Warn(ScriptPosition position, string message)
    {
        var (line, column) = _source.Locate(position);
        Context.Warn($"{_source.File}:{line}:{column}: {message}");
    }

    /// <summary>Counts the size of a value that is being made.</summary>
    public void Charge(ScriptPosition position, long size)
    {
        if (!_budget.TryTake(size))
            throw Final(position, "The script makes more text and lists than it may.");
    }

    /// <summary>Counts one step.</summary>
    public void Step(ScriptPosition position)
    {
        if (!_budget.TryStep())
            throw Final(position, $"The script does not come to an end within {ScriptBudget.StepsMax} steps.");
    }

    private ScriptException Final(ScriptPosition position, string message)
    {
        var error = ErrorAt(position, message);
        return new ScriptException(error.Message, error.Problem, error.Line, error.Column) { IsFinal = true };
    }

    private void RunScript(Block script)
    {
        var scope = new ScriptScope(null, isMapping: false);
        // Methods are known before the statements run.
        foreach (var method in script.Statements.OfType<MethodStatement>())
            _globals[method.Name] = new ScriptMethod(method, new ScriptScope(null, isMapping: false));
        try
        {
            RunBody(script.Statements, scope);
        }
        catch (ThrownException thrown)
        {
            throw Uncaught(thrown);
        }
    }

    /// <summary>Calls a closure.</summary>
    /// <param name="closure">The closure.</param>
    /// <param name="position">Where it is called.</param>
    /// <param name="isMapping">Whether it sees the names of a mapping even if it was written outside.</param>
    /// <param name="arguments">Its arguments.</param>
    public object? Call(ScriptClosure closure, ScriptPosition position, bool isMapping, params object?[] arguments) =>
        Call(closure, position, isMapping, null, arguments);

    /// <summary>
    /// Calls the closure of <c>mapping</c>, <c>section</c> or <c>apply</c>. Its statements stand for themselves: after a mistake in one, the next is
    /// looked at too.
    /// </summary>
    public void CallBody(ScriptClosure closure, ScriptPosition position) =>
        Call(closure, position, isMapping: true, target: null, [], isBody: true);

    /// <summary>Calls the closure of <c>with</c>.</summary>
    public object? CallWith(ScriptClosure closure, ScriptPosition position, object target) => Call(closure, position, isMapping: false, target, [target]);

    private object? Call(
        ScriptClosure closure, ScriptPosition position, bool isMapping, object? target, object?[] arguments, bool isBody = false)
    {
        var scope = new ScriptScope(closure.Scope, isMapping) { Delegate = target };
        if (closure.Syntax.HasImplicitIt)
        {
            if (arguments.Length > 1)
                throw ErrorAt(position, $"The closure takes at most one argument, not {arguments.Length}.");
            scope.Declare("it", arguments.Length == 0 ? null : arguments[0]);
        }
        else
            Bind(closure.Syntax.Parameters, arguments, scope, position, "closure");
        return Enter(closure.Syntax.Body, scope, position, isBody);
    }

    private object? CallMethod(ScriptMethod method, ScriptPosition position, object?[] arguments)
    {
        var scope = new ScriptScope(method.Scope, isMapping: false);
        Bind(method.Syntax.Parameters, arguments, scope, position, $"method '{method.Syntax.Name}'");
        return Enter(method.Syntax.Body, scope, position);
    }

    private void Bind(IReadOnlyList<Parameter> parameters, object?[] arguments, ScriptScope scope, ScriptPosition position, string what)
    {
        // One list for several parameters is spread over them.
        if (parameters.Count > 1 && arguments is [ScriptList list] && list.Items.Count == parameters.Count)
            arguments = [.. list.Items];
        if (parameters.Count == 2 && arguments is [ScriptEntry entry])
            arguments = [entry.Key, entry.Value];
        // A call without argument gives null to the only parameter.
        if (parameters is [{ Default: null }] && arguments.Length == 0)
            arguments = [null];
        var needed = parameters.Count(parameter => parameter.Default is null);
        if (arguments.Length > parameters.Count || arguments.Length < needed)
            throw ErrorAt(position, $"The {what} takes {parameters.Count} arguments, not {arguments.Length}.");
        // Defaults are used from the right, as many as arguments are missing.
        var defaults = parameters.Count - arguments.Length;
        var skippable = parameters.Count - needed;
        var next = 0;
        foreach (var parameter in parameters)
        {
            object? value;
            if (parameter.Default is not null && skippable-- <= defaults)
                value = Evaluate(parameter.Default, scope);
            else
                value = arguments[next++];
            scope.Declare(parameter.Name, parameter.Type is null ? value : Conversions.Coerce(this, position, value, parameter.Type));
        }
    }

    private object? Enter(Block body, ScriptScope scope, ScriptPosition position, bool isBody = false)
    {
        if (++_budget.CallDepth > ScriptBudget.CallDepthMax)
            throw Final(position, $"Closures and methods call one another more than {ScriptBudget.CallDepthMax} levels deep.");
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Step(position);
        object? value = null;
        if (isBody)
            RunBody(body.Statements, scope);
        else
            RunStatements(body.Statements, scope, out value);
        _budget.CallDepth--;
        return value;
    }

    /// <summary>An exception on its way through the script.</summary>
    private sealed class ThrownException(ScriptError error, ScriptPosition position) : Exception
    {
        public ScriptError Error { get; } = error;

        public ScriptPosition Position { get; } = position;
    }
}
