using System.Text;
using Divolte.Grains.Mapping.Script.Library;
using Divolte.Grains.Mapping.Script.Vocabulary;

namespace Divolte.Grains.Mapping.Script;

/// <content>Expressions.</content>
internal sealed partial class ScriptEvaluator
{
    private object? Evaluate(Expression expression, ScriptScope scope)
    {
        Step(expression.Position);
        switch (expression)
        {
            case LiteralExpression literal:
                return literal.Value;
            case TemplateExpression template:
                return EvaluateTemplate(template, scope);
            case NameExpression name:
                return EvaluateName(name, scope);
            case ParenthesisedExpression inner:
                return Evaluate(inner.Inner, scope);
            case MemberExpression member:
                return EvaluateMember(member, scope);
            case CallExpression call:
                return EvaluateCall(call, scope);
            case NewExpression creation:
                return Types.Create(this, creation.Position, creation.Type, EvaluateAll(creation.Arguments, scope));
            case IndexExpression index:
                return Sequences.GetAt(this, index.Position, Evaluate(index.Target, scope), EvaluateAll(index.Indexes, scope));
            case ListExpression list:
                Charge(list.Position, list.Items.Count);
                return EvaluateList(list, scope);
            case MapExpression map:
                return EvaluateMap(map, scope);
            case SpreadExpression spread:
                return EvaluateSpread(spread, scope);
            case ClosureExpression closure:
                return new ScriptClosure(closure, scope);
            case UnaryExpression unary:
                return Operators.Unary(this, unary.Position, unary.Operator, Evaluate(unary.Operand, scope));
            case BinaryExpression binary:
                return EvaluateBinary(binary, scope);
            case TernaryExpression ternary:
                return EvaluateTernary(ternary, scope);
            case CastExpression cast:
                return Conversions.Cast(this, cast.Position, Evaluate(cast.Value, scope), cast.Type);
            case AssignExpression assignment:
                return EvaluateAssignment(assignment, scope);
            case StepExpression step:
                return EvaluateStep(step, scope);
            default:
                throw ErrorAt(expression.Position, $"Unsupported expression {expression.GetType().Name}.");
        }
    }

    private object?[] EvaluateAll(IReadOnlyList<Expression> expressions, ScriptScope scope)
    {
        var values = new object?[expressions.Count];
        for (var index = 0; index < values.Length; index++)
            values[index] = Evaluate(expressions[index], scope);
        return values;
    }

    private ComposedText EvaluateTemplate(TemplateExpression template, ScriptScope scope)
    {
        var text = new StringBuilder();
        foreach (var part in template.Parts)
        {
            text.Append(part is Expression inserted ? Printing.Print(InsertedValue(Evaluate(inserted, scope), template.Position)) : (string)part);
            Charge(template.Position, text.Length);
        }
        return new ComposedText(text.ToString());
    }

    private object? InsertedValue(object? value, ScriptPosition position) =>
        value is ScriptClosure closure ? Call(closure, position, isMapping: false) : value;

    private ScriptList EvaluateList(ListExpression list, ScriptScope scope)
    {
        var items = new List<object?>(list.Items.Count);
        foreach (var item in list.Items)
        {
            if (item is UnpackExpression unpacked)
                items.AddRange(Sequences.ItemsOf(this, item.Position, Evaluate(unpacked.List, scope)));
            else
                items.Add(Evaluate(item, scope));
        }
        return new ScriptList(items);
    }

    private ScriptList EvaluateSpread(SpreadExpression spread, ScriptScope scope)
    {
        var results = new List<object?>();
        foreach (var item in Sequences.ItemsOf(this, spread.Position, Evaluate(spread.Target, scope)))
        {
            object? result;
            if (spread.Arguments is null ? !Members.TryGet(this, spread.Position, item, spread.Name, out result)
                : !Members.TryCall(this, spread.Position, item, spread.Name, EvaluateAll(spread.Arguments, scope), out result))
            {
                throw UnknownMember(spread.Position, item, spread.Name, isCall: spread.Arguments is not null);
            }
            results.Add(result);
        }
        return new ScriptList(results);
    }

    private ScriptMap EvaluateMap(MapExpression map, ScriptScope scope)
    {
        Charge(map.Position, map.Entries.Count);
        var result = new ScriptMap();
        foreach (var (key, value) in map.Entries)
            result[Sequences.KeyOf(this, key.Position, Evaluate(key, scope))] = Evaluate(value, scope);
        return result;
    }

    private object? EvaluateName(NameExpression name, ScriptScope scope)
    {
        if (scope.TryGet(name.Name, out var value) || _globals.TryGetValue(name.Name, out value) && value is not ScriptMethod)
            return value is UnknownValue ? throw Consequence(name.Position) : value;
        if (_vocabulary.TryGetConstant(name.Name, scope.IsMapping, out value) || Types.TryFind(name.Name, out value))
            return value;
        throw UnknownName(name, scope);
    }

    private ScriptException Consequence(ScriptPosition position)
    {
        var error = ErrorAt(position, "The value of this variable could not be worked out.");
        return new ScriptException(error.Message, error.Problem, error.Line, error.Column) { IsConsequence = true };
    }

    private ScriptException UnknownName(NameExpression name, ScriptScope scope)
    {
        if (MappingVocabulary.IsFunction(name.Name, isMapping: true))
            return ErrorAt(name.Position, $"'{name.Name}' is a function: it needs an argument or parentheses, as in {name.Name}().");
        var known = scope.Names.Concat(_globals.Keys).Concat(MappingVocabulary.Constants).Concat(MappingVocabulary.Functions);
        return ErrorAt(name.Position, $"There is no variable or constant '{name.Name}'.{Suggestion.For(name.Name, known)}");
    }

    private object? EvaluateMember(MemberExpression member, ScriptScope scope)
    {
        member = Named(member, scope);
        if (Types.TryFind(QualifiedNameOf(member), out var type))
            return type;
        var target = Evaluate(member.Target, scope);
        if (target is null && member.IsSafe)
            return null;
        if (Members.TryGet(this, member.Position, target, member.Name, out var value))
            return value;
        if (target is VocabularyObject vocabulary && vocabulary.Methods.Contains(member.Name))
        {
            Warn(member.Position, $"'{member.Name}' is only named here, not called, so it does nothing; write {member.Name}().");
            return null;
        }
        throw UnknownMember(member.Position, target, member.Name, isCall: false);
    }

    private MemberExpression Named(MemberExpression member, ScriptScope scope) =>
        member.Computed is { } name ? member with { Name = EvaluateTemplate(name, scope).Text, Computed = null } : member;

    /// <summary><c>a.b.C</c> as one name; empty when the expression is more than names.</summary>
    private static string QualifiedNameOf(Expression expression) => expression switch
    {
        NameExpression name => name.Name,
        MemberExpression member when QualifiedNameOf(member.Target) is { Length: > 0 } prefix => $"{prefix}.{member.Name}",
        _ => "",
    };

    internal ScriptException UnknownMember(ScriptPosition position, object? target, string name, bool isCall, object?[]? arguments = null)
    {
        if (target is null)
            return ErrorAt(position, $"'{name}' is wanted of null.");
        var methods = Members.MethodsOf(target);
        var what = Printing.Describe(target);
        if (!isCall)
        {
            return ErrorAt(position, methods.Contains(name)
                ? $"'{name}' of {what} is a method: write {name}()."
                : $"There is no '{name}' of {what}.{Suggestion.For(name, methods)}");
        }
        var types = string.Join(", ", (arguments ?? []).Select(Printing.Describe));
        return ErrorAt(position, methods.Contains(name)
            ? $"'{name}' of {what} does not take ({types})."
            : $"There is no method '{name}' of {what}.{Suggestion.For(name, methods)}");
    }

    private object? EvaluateBinary(BinaryExpression binary, ScriptScope scope)
    {
        var left = Evaluate(binary.Left, scope);
        switch (binary.Operator)
        {
            case "&&":
                WarnOfConstant(binary.Position, left, "and(…)");
                return Truth.Of(left) && Truth.Of(Evaluate(binary.Right, scope));
            case "||":
                WarnOfConstant(binary.Position, left, "or(…)");
                return Truth.Of(left) || Truth.Of(Evaluate(binary.Right, scope));
            default:
                return Operators.Binary(this, binary.Position, binary.Operator, left, Evaluate(binary.Right, scope));
        }
    }

    /// <summary>An operator on a producer looks at the producer itself, now, not at what events hold.</summary>
    internal void WarnOfConstant(ScriptPosition position, object? operand, string instead)
    {
        if (operand is Producers.ValueProducer producer)
            Warn(position, $"This compares {producer.Identifier} itself, so the result is the same for every event; use {instead} for what events hold.");
    }

    private object? EvaluateTernary(TernaryExpression ternary, ScriptScope scope)
    {
        var condition = Evaluate(ternary.Condition, scope);
        WarnOfConstant(ternary.Position, condition, "when … apply");
        if (!Truth.Of(condition))
            return Evaluate(ternary.Else, scope);
        return ternary.Then is null ? condition : Evaluate(ternary.Then, scope);
    }

    private object? EvaluateAssignment(AssignExpression assignment, ScriptScope scope)
    {
        if (assignment.Target is ListExpression names)
        {
            var items = Evaluate(assignment.Value, scope) as ScriptList ?? throw ErrorAt(assignment.Position, "Several variables need a list.");
            for (var index = 0; index < names.Items.Count; index++)
                Assign(names.Items[index], index < items.Items.Count ? items.Items[index] : null, scope);
            return items;
        }
        if (assignment.Operator == "?" && Evaluate(assignment.Target, scope) is { } present && Truth.Of(present))
            return present;
        var value = Evaluate(assignment.Value, scope);
        if (assignment.Operator is { } symbol and not "?")
            value = Operators.Binary(this, assignment.Position, symbol, Evaluate(assignment.Target, scope), value);
        Assign(assignment.Target, value, scope);
        return value;
    }

    private void Assign(Expression target, object? value, ScriptScope scope)
    {
        switch (target)
        {
            case NameExpression name:
                // What is assigned without a declaration belongs to the whole script.
                if (!scope.TrySet(name.Name, value))
                    _globals[name.Name] = value;
                break;
            case IndexExpression index:
                Sequences.PutAt(this, index.Position, Evaluate(index.Target, scope), EvaluateAll(index.Indexes, scope), value);
                break;
            case MemberExpression member when Evaluate(member.Target, scope) is ScriptMap map:
                map[Named(member, scope).Name] = value;
                break;
            default:
                throw ErrorAt(target.Position, "This cannot be assigned to.");
        }
    }

    private object? EvaluateStep(StepExpression step, ScriptScope scope)
    {
        var before = Evaluate(step.Target, scope);
        var after = Operators.Binary(this, step.Position, step.IsIncrement ? "+" : "-", before, 1);
        Assign(step.Target, after, scope);
        return step.IsPrefix ? after : before;
    }

    private object? EvaluateCall(CallExpression call, ScriptScope scope)
    {
        switch (call.Callee)
        {
            case NameExpression name:
                return CallName(name, EvaluateAll(call.Arguments, scope), scope);
            case MemberExpression computed:
                var member = Named(computed, scope);
                if (Types.TryFind(QualifiedNameOf(member.Target), out var type) && !IsVariable(member.Target, scope))
                    return CallMember(member, type, EvaluateAll(call.Arguments, scope));
                var target = Evaluate(member.Target, scope);
                return target is null && member.IsSafe ? null : CallMember(member, target, EvaluateAll(call.Arguments, scope));
            default:
                var callee = Evaluate(call.Callee, scope);
                return CallValue(call.Position, callee, EvaluateAll(call.Arguments, scope));
        }
    }

    private static bool IsVariable(Expression expression, ScriptScope scope) => expression is NameExpression name && scope.TryGet(name.Name, out _);

    private object? CallValue(ScriptPosition position, object? callee, object?[] arguments) => callee switch
    {
        ScriptClosure closure => Call(closure, position, isMapping: false, arguments),
        ScriptMethod method => CallMethod(method, position, arguments),
        _ => throw ErrorAt(position, $"{Printing.Describe(callee)} cannot be called."),
    };

    /// <summary>A call by name: a variable hides the words of the language, and those hide the producers.</summary>
    private object? CallName(NameExpression name, object?[] arguments, ScriptScope scope)
    {
        if (scope.TryGet(name.Name, out var variable))
        {
            if (variable is UnknownValue)
                throw Consequence(name.Position);
            if (variable is not (ScriptClosure or ScriptMethod) && MappingVocabulary.IsFunction(name.Name, isMapping: true))
                throw ErrorAt(name.Position, $"'{name.Name}' is a variable here, which hides the function of that name; give the variable another name.");
            return CallValue(name.Position, variable, arguments);
        }
        if (_vocabulary.TryCall(name.Position, name.Name, arguments, scope.IsMapping, out var result))
            return result;
        if (_globals.TryGetValue(name.Name, out variable))
            return CallValue(name.Position, variable, arguments);
        if (scope.Delegate is { } target && Members.TryCall(this, name.Position, target, name.Name, arguments, out result))
            return result;
        if (MappingVocabulary.IsFunction(name.Name, scope.IsMapping))
        {
            var types = string.Join(", ", arguments.Select(Printing.Describe));
            throw ErrorAt(name.Position, $"'{name.Name}' does not take ({types}).");
        }
        if (MappingVocabulary.IsFunction(name.Name, isMapping: true))
            throw ErrorAt(name.Position, $"'{name.Name}' is known only inside mapping {{ … }}.");
        throw ErrorAt(name.Position, $"There is no function '{name.Name}'.{Suggestion.For(name.Name, MappingVocabulary.Functions.Concat(scope.Names))}");
    }

    private object? CallMember(MemberExpression member, object? target, object?[] arguments)
    {
        if (target is ScriptClosure closure && member.Name is "call" or "doCall" && target is ScriptClosure)
            return Call((ScriptClosure)target, member.Position, isMapping: false, arguments);
        if (target is ScriptMap map && map.Contains(member.Name) && map[member.Name] is ScriptClosure entry)
            return Call(entry, member.Position, isMapping: false, arguments);
        if (target is VocabularyObject vocabulary && vocabulary.TryCall(this, member.Position, member.Name, arguments, out var result))
            return result;
        if (Members.TryCall(this, member.Position, target, member.Name, arguments, out result))
            return result;
        throw UnknownMember(member.Position, target, member.Name, isCall: true, arguments);
    }
}
