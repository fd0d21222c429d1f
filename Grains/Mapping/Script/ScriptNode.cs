namespace Divolte.Grains.Mapping.Script;

/// <summary>A node of the syntax tree.</summary>
internal abstract record ScriptNode(ScriptPosition Position);

/// <summary>What has a value.</summary>
internal abstract record Expression(ScriptPosition Position) : ScriptNode(Position);

internal sealed record LiteralExpression(ScriptPosition Position, object? Value) : Expression(Position);

/// <summary>A string with insertions: texts and expressions in turn.</summary>
internal sealed record TemplateExpression(ScriptPosition Position, IReadOnlyList<object> Parts) : Expression(Position);

/// <summary>A name on its own: variable, constant or type.</summary>
internal sealed record NameExpression(ScriptPosition Position, string Name) : Expression(Position);

/// <summary><c>target.name</c>, or <c>target?.name</c> when safe.</summary>
internal sealed record MemberExpression(ScriptPosition Position, Expression Target, string Name, bool IsSafe) : Expression(Position)
{
    /// <summary>The name when it is a string with insertions, as in <c>target."$name"</c>.</summary>
    public TemplateExpression? Computed { get; init; }
}

/// <summary>A call. The callee is a name, a member, or a value that is itself called.</summary>
internal sealed record CallExpression(ScriptPosition Position, Expression Callee, IReadOnlyList<Expression> Arguments) : Expression(Position);

/// <summary><c>new Type(…)</c>.</summary>
internal sealed record NewExpression(ScriptPosition Position, string Type, IReadOnlyList<Expression> Arguments) : Expression(Position);

internal sealed record IndexExpression(ScriptPosition Position, Expression Target, IReadOnlyList<Expression> Indexes) : Expression(Position);

internal sealed record ListExpression(ScriptPosition Position, IReadOnlyList<Expression> Items) : Expression(Position);

internal sealed record MapExpression(ScriptPosition Position, IReadOnlyList<(Expression Key, Expression Value)> Entries) : Expression(Position);

/// <summary>A closure. Without an arrow it has the parameter <c>it</c>.</summary>
internal sealed record ClosureExpression(ScriptPosition Position, IReadOnlyList<Parameter> Parameters, bool HasImplicitIt, Block Body) : Expression(Position);

internal sealed record UnaryExpression(ScriptPosition Position, string Operator, Expression Operand) : Expression(Position);

internal sealed record BinaryExpression(ScriptPosition Position, string Operator, Expression Left, Expression Right) : Expression(Position);

/// <summary><c>condition ? then : else</c>; <c>condition ?: else</c> when <see cref="Then"/> is null.</summary>
internal sealed record TernaryExpression(ScriptPosition Position, Expression Condition, Expression? Then, Expression Else) : Expression(Position);

/// <summary><c>value as Type</c> or <c>(Type) value</c>.</summary>
internal sealed record CastExpression(ScriptPosition Position, Expression Value, string Type) : Expression(Position);

/// <summary><c>target = value</c>, or with an operator <c>target += value</c> and so on.</summary>
internal sealed record AssignExpression(ScriptPosition Position, Expression Target, string? Operator, Expression Value) : Expression(Position);

/// <summary><c>x++</c>, <c>--x</c> and the like.</summary>
internal sealed record StepExpression(ScriptPosition Position, Expression Target, bool IsIncrement, bool IsPrefix) : Expression(Position);

/// <summary>A parameter of a closure or method.</summary>
internal sealed record Parameter(string Name, string? Type, Expression? Default);

internal abstract record Statement(ScriptPosition Position) : ScriptNode(Position);

internal sealed record Block(ScriptPosition Position, IReadOnlyList<Statement> Statements) : Statement(Position);

internal sealed record ExpressionStatement(ScriptPosition Position, Expression Value) : Statement(Position);

/// <summary><c>def x = …</c>, <c>String x</c>, <c>def (a, b) = …</c>.</summary>
internal sealed record DeclarationStatement(
    ScriptPosition Position, IReadOnlyList<string> Names, string? Type, bool IsMultiple, Expression? Value) : Statement(Position);

internal sealed record MethodStatement(ScriptPosition Position, string Name, IReadOnlyList<Parameter> Parameters, Block Body) : Statement(Position);

internal sealed record IfStatement(ScriptPosition Position, Expression Condition, Statement Then, Statement? Else) : Statement(Position);

internal sealed record ForInStatement(ScriptPosition Position, string Name, Expression Items, Statement Body) : Statement(Position);

internal sealed record ForStatement(
    ScriptPosition Position, IReadOnlyList<Statement> Start, Expression? Condition, IReadOnlyList<Expression> Step, Statement Body) : Statement(Position);

/// <summary><c>while (…) …</c>, or <c>do … while (…)</c> when the body runs first.</summary>
internal sealed record WhileStatement(ScriptPosition Position, Expression Condition, Statement Body, bool IsBodyFirst) : Statement(Position);

/// <summary>One <c>case</c>, or <c>default</c> when <see cref="Value"/> is null.</summary>
internal sealed record SwitchCase(Expression? Value, IReadOnlyList<Statement> Statements);

internal sealed record SwitchStatement(ScriptPosition Position, Expression Value, IReadOnlyList<SwitchCase> Cases) : Statement(Position);

internal sealed record CatchClause(IReadOnlyList<string> Types, string Name, Block Body);

internal sealed record TryStatement(ScriptPosition Position, Block Body, IReadOnlyList<CatchClause> Catches, Block? Finally) : Statement(Position);

internal sealed record ReturnStatement(ScriptPosition Position, Expression? Value) : Statement(Position);

internal sealed record ThrowStatement(ScriptPosition Position, Expression Value) : Statement(Position);

internal sealed record AssertStatement(ScriptPosition Position, Expression Condition, Expression? Message) : Statement(Position);

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed record JumpStatement(ScriptPosition Position, bool IsBreak) : Statement(Position);

/// <summary>Several declarations in one statement: <c>def a = 1, b = 2</c>.</summary>
internal sealed record DeclarationList(ScriptPosition Position, IReadOnlyList<Statement> Declarations) : Statement(Position);

/// <summary>A name or member in parentheses: its value, not the start of a command.</summary>
internal sealed record ParenthesisedExpression(ScriptPosition Position, Expression Inner) : Expression(Position);

/// <summary><c>list*.name</c>: the member of every element.</summary>
internal sealed record SpreadExpression(ScriptPosition Position, Expression Target, string Name, IReadOnlyList<Expression>? Arguments) : Expression(Position);

/// <summary><c>*list</c> in a list: its elements.</summary>
internal sealed record UnpackExpression(ScriptPosition Position, Expression List) : Expression(Position);

/// <summary><c>import …</c> of a type that scripts know anyway.</summary>
internal sealed record ImportStatement(ScriptPosition Position, string Type) : Statement(Position);
