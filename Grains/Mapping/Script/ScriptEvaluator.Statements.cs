using Divolte.Grains.Mapping.Script.Library;

namespace Divolte.Grains.Mapping.Script;

/// <content>Statements.</content>
internal sealed partial class ScriptEvaluator
{
    /// <summary>How many <c>try</c> blocks surround what runs: within one, a mistake is the script's to handle.</summary>
    private int _tryDepth;

    private enum Leave : byte
    {
        /// <summary>Go on with the next statement.</summary>
        No,
        Break,
        Continue,
        Return,
    }

    /// <summary>Runs statements; the value is that of the last, as closures return it.</summary>
    private Leave RunStatements(IReadOnlyList<Statement> statements, ScriptScope scope, out object? value)
    {
        value = null;
        foreach (var statement in statements)
        {
            var leave = Run(statement, scope, out value);
            if (leave != Leave.No)
                return leave;
        }
        return Leave.No;
    }

    /// <summary>Runs statements that do not depend on one another's success: the mistakes of all of them are noted.</summary>
    private void RunBody(IReadOnlyList<Statement> statements, ScriptScope scope)
    {
        var depth = _budget.CallDepth;
        foreach (var statement in statements)
        {
            try
            {
                if (Run(statement, scope, out _) != Leave.No)
                    return;
            }
            catch (ScriptException mistake) when (!mistake.IsFinal && _tryDepth == 0 && !_mistakes.IsFull)
            {
                _mistakes.Add(mistake);
                _budget.CallDepth = depth;
                DeclareUnknown(statement, scope);
            }
        }
    }

    /// <summary>After a mistake in a declaration or assignment, the variable is there, with a value that nobody knows.</summary>
    private static void DeclareUnknown(Statement statement, ScriptScope scope)
    {
        switch (statement)
        {
            case DeclarationStatement declaration:
                foreach (var name in declaration.Names)
                    scope.Declare(name, UnknownValue.Instance);
                break;
            case DeclarationList list:
                foreach (var declaration in list.Declarations)
                    DeclareUnknown(declaration, scope);
                break;
            case ExpressionStatement { Value: AssignExpression { Target: NameExpression name } }:
                if (!scope.TrySet(name.Name, UnknownValue.Instance))
                    scope.Declare(name.Name, UnknownValue.Instance);
                break;
        }
    }

    private ScriptException Uncaught(ThrownException thrown) => ErrorAt(thrown.Position, $"The script throws {thrown.Error}.");

    private Leave RunInner(Statement statement, ScriptScope scope, out object? value) => Run(statement, new ScriptScope(scope, isMapping: false), out value);

    private Leave Run(Statement statement, ScriptScope scope, out object? value)
    {
        Step(statement.Position);
        value = null;
        switch (statement)
        {
            case ExpressionStatement expression:
                value = Evaluate(expression.Value, scope);
                return Leave.No;
            case DeclarationStatement declaration:
                value = RunDeclaration(declaration, scope);
                return Leave.No;
            case DeclarationList list:
                return RunStatements(list.Declarations, scope, out value);
            case MethodStatement or ImportStatement:
                return Leave.No;
            case Block block:
                return RunStatements(block.Statements, new ScriptScope(scope, isMapping: false), out value);
            case IfStatement conditional:
                if (Truth.Of(Evaluate(conditional.Condition, scope)))
                    return RunInner(conditional.Then, scope, out value);
                return conditional.Else is null ? Leave.No : RunInner(conditional.Else, scope, out value);
            case ForInStatement loop:
                return RunForIn(loop, scope, out value);
            case ForStatement loop:
                return RunFor(loop, new ScriptScope(scope, isMapping: false), out value);
            case WhileStatement loop:
                return RunWhile(loop.Condition, [], loop.Body, scope, loop.IsBodyFirst, out value);
            case SwitchStatement choice:
                return RunSwitch(choice, new ScriptScope(scope, isMapping: false), out value);
            case TryStatement attempt:
                return RunTry(attempt, scope, out value);
            case ReturnStatement result:
                value = result.Value is null ? null : Evaluate(result.Value, scope);
                return Leave.Return;
            case ThrowStatement thrown:
                throw Evaluate(thrown.Value, scope) is ScriptError error
                    ? new ThrownException(error, thrown.Position)
                    : ErrorAt(thrown.Position, "Only an exception can be thrown.");
            case AssertStatement assertion:
                if (Truth.Of(Evaluate(assertion.Condition, scope)))
                    return Leave.No;
                var message = assertion.Message is null ? null : Printing.Print(Evaluate(assertion.Message, scope));
                throw new ThrownException(new ScriptError("AssertionError", message), assertion.Position);
            case JumpStatement jump:
                return jump.IsBreak ? Leave.Break : Leave.Continue;
            default:
                throw ErrorAt(statement.Position, $"Unsupported statement {statement.GetType().Name}.");
        }
    }

    private object? RunDeclaration(DeclarationStatement declaration, ScriptScope scope)
    {
        var value = declaration.Value is null ? null : Evaluate(declaration.Value, scope);
        if (declaration.IsMultiple)
        {
            var items = value is ScriptList list ? list.Items : throw ErrorAt(declaration.Position, "Several variables need a list.");
            for (var index = 0; index < declaration.Names.Count; index++)
                scope.Declare(declaration.Names[index], index < items.Count ? items[index] : null);
            return value;
        }
        if (declaration.Type is not null && declaration.Value is not null)
            value = Conversions.Coerce(this, declaration.Position, value, declaration.Type);
        scope.Declare(declaration.Names[0], value);
        return value;
    }

    private Leave RunForIn(ForInStatement loop, ScriptScope scope, out object? value)
    {
        value = null;
        foreach (var item in Sequences.ItemsOf(this, loop.Position, Evaluate(loop.Items, scope)))
        {
            Step(loop.Position);
            var inner = new ScriptScope(scope, isMapping: false);
            inner.Declare(loop.Name, item);
            var leave = RunInner(loop.Body, inner, out value);
            if (leave == Leave.Return)
                return leave;
            if (leave == Leave.Break)
                break;
        }
        value = null;
        return Leave.No;
    }

    private Leave RunFor(ForStatement loop, ScriptScope scope, out object? value)
    {
        RunStatements(loop.Start, scope, out value);
        return RunWhile(loop.Condition, loop.Step, loop.Body, scope, isBodyFirst: false, out value);
    }

    private Leave RunWhile(
        Expression? condition, IReadOnlyList<Expression> step, Statement body, ScriptScope scope, bool isBodyFirst, out object? value)
    {
        value = null;
        while (isBodyFirst || condition is null || Truth.Of(Evaluate(condition, scope)))
        {
            isBodyFirst = false;
            Step(body.Position);
            var leave = RunInner(body, scope, out value);
            if (leave == Leave.Return)
                return leave;
            if (leave == Leave.Break)
                break;
            foreach (var expression in step)
                Evaluate(expression, scope);
        }
        value = null;
        return Leave.No;
    }

    private Leave RunSwitch(SwitchStatement choice, ScriptScope scope, out object? value)
    {
        value = null;
        var subject = Evaluate(choice.Value, scope);
        var start = -1;
        for (var index = 0; index < choice.Cases.Count && start < 0; index++)
        {
            if (choice.Cases[index].Value is { } tested && Matches(subject, Evaluate(tested, scope), choice.Position))
                start = index;
        }
        if (start < 0)
            start = choice.Cases.Index().Where(entry => entry.Item.Value is null).Select(entry => entry.Index).DefaultIfEmpty(-1).First();
        for (var index = start; index >= 0 && index < choice.Cases.Count; index++)
        {
            var leave = RunStatements(choice.Cases[index].Statements, scope, out value);
            if (leave == Leave.Break)
                break;
            if (leave != Leave.No)
                return leave;
        }
        return Leave.No;
    }

    /// <summary>How a case tests: lists and ranges by membership, types by instance, patterns by full match, all else by equality.</summary>
    private bool Matches(object? subject, object? tested, ScriptPosition position) => tested switch
    {
        ScriptList or ScriptRange => Sequences.ItemsOf(this, position, tested).Any(item => Equality.AreEqual(this, position, item, subject)),
        ScriptType type => Conversions.IsInstance(subject, type.Name),
        ScriptPattern pattern => subject is string or ComposedText && ScriptPatterns.MatchesAll(this, position, pattern.Expression, subject.ToString()!),
        ScriptClosure closure => Truth.Of(Call(closure, position, isMapping: false, subject)),
        _ => Equality.AreEqual(this, position, subject, tested),
    };

    private Leave RunTry(TryStatement attempt, ScriptScope scope, out object? value)
    {
        Leave leave;
        var depth = _budget.CallDepth;
        var tryDepth = _tryDepth++;
        try
        {
            leave = RunInner(attempt.Body, scope, out value);
        }
        catch (ThrownException thrown) when (FindCatch(attempt, thrown.Error.Type) is { } clause)
        {
            _tryDepth = tryDepth;
            leave = RunCatch(clause, thrown.Error, depth, scope, out value);
        }
        catch (ScriptException exception) when (!exception.IsFinal && FindCatch(attempt, "RuntimeException") is { } clause)
        {
            _tryDepth = tryDepth;
            leave = RunCatch(clause, new ScriptError("RuntimeException", exception.Problem), depth, scope, out value);
        }
        finally
        {
            _tryDepth = tryDepth;
            if (attempt.Finally is not null)
                RunInner(attempt.Finally, scope, out _);
        }
        return leave;
    }

    private static CatchClause? FindCatch(TryStatement attempt, string type) => attempt.Catches.FirstOrDefault(clause =>
        clause.Types.Count == 0 || clause.Types.Any(caught => Conversions.IsException(type, caught)));

    private Leave RunCatch(CatchClause clause, ScriptError error, int depth, ScriptScope scope, out object? value)
    {
        _budget.CallDepth = depth;
        var inner = new ScriptScope(scope, isMapping: false);
        inner.Declare(clause.Name, error);
        return RunInner(clause.Body, inner, out value);
    }
}
