using Divolte.Grains.Mapping.Explaining;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script.Library;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Script.Vocabulary;

/// <summary>The words of the mapping language.</summary>
internal sealed class MappingVocabulary(MappingContext context, ScriptEvaluator evaluator)
{
    /// <summary>Known everywhere.</summary>
    private static readonly string[] ScriptFunctions = ["mapping", "map", "when", "match", "parse", "not", "digest", "print", "println"];

    /// <summary>Known inside <c>mapping { … }</c>.</summary>
    private static readonly string[] MappingFunctions =
    [
        "section", "exit", "stop", "cookie", "header", "eventParameters", "eventParameter", "userAgent", "ip2geo", "location", "referer", "firstInSession",
        "corrupt", "duplicate", "timestamp", "clientTimestamp", "remoteHost", "viewportPixelWidth", "viewportPixelHeight", "screenPixelWidth", "screenPixelHeight",
        "devicePixelRatio", "partyId", "sessionId", "pageViewId", "eventId", "eventType", "userAgentString", "exitWhen", "toInt", "toLong", "toFloat",
        "toDouble", "toBoolean", "parseUri", "matcher",
    ];

    private static readonly Dictionary<string, ParseType> ParseTypes =
        new[] { "int32", "int64", "fp32", "fp64", "bool", "uri" }.ToDictionary(name => name, name => new ParseType(name), StringComparer.Ordinal);

    /// <summary>What compiling a pattern takes of a script's allowance.</summary>
    private const int PatternSize = 20_000;

    private MappingObject? _mapping;
    private ScriptObject? _script;

    public MappingContext Context { get; } = context;

    public static IEnumerable<string> Functions => ScriptFunctions.Concat(MappingFunctions);

    public static IEnumerable<string> Constants => ParseTypes.Keys;

    private ScriptObject Script => _script ??= new ScriptObject(this);

    private MappingObject Mapping => _mapping ??= new MappingObject(this);

    public static bool IsFunction(string name, bool isMapping) => ScriptFunctions.Contains(name) || isMapping && MappingFunctions.Contains(name);

    public bool TryGetConstant(string name, bool isMapping, out object? value)
    {
        value = name switch
        {
            "mapping" => Mapping,
            "delegate" when isMapping => Mapping,
            "this" or "owner" => Script,
            _ => ParseTypes.GetValueOrDefault(name),
        };
        return value is not null;
    }

    /// <summary>Calls a word. False when there is none that takes these arguments.</summary>
    public bool TryCall(ScriptPosition position, string name, object?[] arguments, bool isMapping, out object? result)
    {
        result = CallScriptFunction(position, name, arguments);
        if (ReferenceEquals(result, Types.NotFound) && isMapping)
            result = CallMappingFunction(position, name, arguments);
        if (!ReferenceEquals(result, Types.NotFound))
            return true;
        result = null;
        return false;
    }

    private object? CallScriptFunction(ScriptPosition position, string name, object?[] arguments)
    {
        // A call without arguments hands a null to a word that takes one.
        var only = arguments.Length == 0 ? null : arguments[0];
        switch (name, arguments.Length)
        {
            case ("mapping", 0 or 1) when only is ScriptClosure or null:
                evaluator.CallBody(Closure(position, only, name), position);
                return null;
            case ("map", 1):
                return Map(position, only);
            case ("when", 0 or 1):
                return When(position, only);
            case ("match", 0 or 1) when only is string or ComposedText or null:
                return new MatchTarget(this, only?.ToString());
            case ("parse", 0 or 1) when only is ValueProducer or null:
                return new ParseTarget(this, only as ValueProducer ?? throw evaluator.ErrorAt(position, "'parse' needs a producer, not null."));
            case ("not", 0 or 1) when only is ValueProducer<bool> or null:
                return new NegationProducer(only as ValueProducer<bool> ?? throw evaluator.ErrorAt(position, "'not' needs a producer, not null."));
            case ("print" or "println", 0 or 1):
                // There is nobody to read it.
                return null;
            case ("digest", 1 or 2) when arguments.All(argument => argument is string or ComposedText):
                return Digester.Create(this, evaluator, position, only!.ToString()!, arguments.Length == 2 ? arguments[1]!.ToString() : null);
            default:
                return Types.NotFound;
        }
    }

    /// <summary>Calls what is known inside <c>mapping { … }</c>, also by way of the mapping itself.</summary>
    public object? CallMappingFunction(ScriptPosition position, string name, object?[] arguments)
    {
        var only = arguments.Length == 0 ? null : arguments[0];
        switch (name, arguments.Length)
        {
            case ("section", 0 or 1) when only is ScriptClosure or null:
                var body = Closure(position, only, name);
                Add(position, new SectionAction(Context.RecordBody(() => evaluator.CallBody(body, position))));
                return null;
            case ("exit", 0):
                Jump(position, Flow.Exit);
                return null;
            case ("stop", 0):
                Jump(position, Flow.Stop);
                return null;
            case ("cookie", 0 or 1) when only is string or ComposedText or null:
                return only is null ? new NothingProducer<TextSlice>("cookie(null)", ProducerType.String) : Context.Producers.Cookie(only.ToString()!);
            case ("header", 0 or 1) when only is string or ComposedText or null:
                return Context.Producers.Header(only?.ToString() ?? throw evaluator.ErrorAt(position, "'header' needs a name."));
            case ("eventParameter", 0 or 1) when only is string or ComposedText or null:
                return Context.Producers.ParameterValue(only?.ToString() ?? throw evaluator.ErrorAt(position, "'eventParameter' needs a name."));
            case ("ip2geo", 0 or 1) when arguments.Length == 0 || only is ValueProducer:
                return Geo(position, only as ValueProducer);
            case ("map", 2) when only is string or ComposedText:
                Onto(position, MappableOf(position, arguments[1]), only.ToString()!);
                return null;
            case ("when", 2) when only is ValueProducer condition && arguments[1] is ScriptClosure closure:
                Apply(position, ProducerFactory.AsCondition(condition), closure);
                return null;
            case ("exitWhen", 1) when only is ValueProducer condition:
                Jump(position, Flow.Exit, ProducerFactory.AsCondition(condition));
                return null;
            case ("toInt" or "toLong" or "toFloat" or "toDouble" or "toBoolean" or "parseUri", 1) when only is ValueProducer source:
                return Context.Producers.Parse(source, name switch
                {
                    "toInt" => "int32",
                    "toLong" => "int64",
                    "toFloat" => "fp32",
                    "toDouble" => "fp64",
                    "toBoolean" => "bool",
                    _ => "uri",
                });
            case ("matcher", 2) when only is ValueProducer source && arguments[1] is string or ComposedText:
                return Match(position, arguments[1]!.ToString(), (ValueProducer)arguments[0]!);
            case (_, 0):
                return (object?)Context.Producers.Simple(name) ?? Types.NotFound;
            default:
                return Types.NotFound;
        }
    }

    private ScriptClosure Closure(ScriptPosition position, object? value, string name) =>
        value as ScriptClosure ?? throw evaluator.ErrorAt(position, $"'{name}' needs a closure: {name} {{ … }}.");

    private GeoProducer Geo(ScriptPosition position, ValueProducer? address)
    {
        if (!Context.Producers.HasGeo)
            throw evaluator.ErrorAt(position, "Attempt to use a ip2geo mapping, while the ip2geo lookup database is not configured.");
        return Context.Producers.Geo(address);
    }

    public MatchProducer Match(ScriptPosition position, string? expression, ValueProducer source)
    {
        evaluator.Charge(position, PatternSize);
        var matcher = Context.Producers.Match(expression, source);
        if (matcher.Error is { } error)
            evaluator.Warn(position, $"Events that have {source.Identifier} will not be mapped: {error}.");
        return matcher;
    }

    private object Map(ScriptPosition position, object? value) => new MapTarget(this, MappableOf(position, value));

    /// <summary>What can be mapped: a producer or a literal. A closure is called for it.</summary>
    private object MappableOf(ScriptPosition position, object? value)
    {
        while (value is ScriptClosure closure)
            value = evaluator.Call(closure, position, isMapping: true);
        switch (value)
        {
            case ValueProducer or string or bool or int or long or float or double:
                return value;
            case null:
                throw evaluator.ErrorAt(position, "'map' needs a value, not null.");
            default:
                var hint = value switch
                {
                    decimal => " Write the number with a suffix, as 1.5d or 1.5f.",
                    ComposedText => " Append .toString() to make it a plain string.",
                    Digester => " Append .result().",
                    ParseTarget => " 'parse … to type' is meant?",
                    _ => "",
                };
                throw evaluator.ErrorAt(
                    position, $"Type error. Cannot map literal {Printing.Print(value)} of type {TypeName(value)}. Only primitive types are allowed.{hint}");
        }
    }

    private static string TypeName(object value) => value switch
    {
        decimal => "BigDecimal",
        System.Numerics.BigInteger => "BigInteger",
        ComposedText => "GString",
        ScriptList => "List",
        ScriptMap => "Map",
        ScriptRange => "IntRange",
        ScriptPattern => "Pattern",
        ScriptType or ParseType => "Class",
        _ => value.GetType().Name,
    };

    /// <summary>Records <c>map value onto field</c>.</summary>
    public void Onto(ScriptPosition position, object mappable, string field)
    {
        try
        {
            var producer = mappable as ValueProducer;
            var text = producer?.Identifier ?? Printing.Print(mappable);
            var action = producer is null
                ? FieldMapping.Create(mappable, text, Context.Record, field)
                : FieldMapping.Create(producer, Context.Record, field);
            if (Context.Trace is { } trace)
                action = new TracedMapAction(action, producer, trace.AddSite(evaluator.PlaceOf(position), text, field), trace);
            Context.Add(action);
        }
        catch (MappingException problem) when (problem is not ScriptException)
        {
            throw evaluator.ErrorAt(position, problem.Message);
        }
    }

    private object When(ScriptPosition position, object? condition)
    {
        while (condition is ScriptClosure closure)
            condition = evaluator.Call(closure, position, isMapping: true);
        switch (condition)
        {
            case null:
                evaluator.Warn(position, "This condition is null: no event that comes here will be mapped.");
                return new WhenTarget(this, new NothingProducer<bool>("The condition", ProducerType.Boolean));
            case ValueProducer producer:
                if (producer is not ValueProducer<bool>)
                    evaluator.Warn(position, $"{producer.Identifier} is no boolean: events that have it will not be mapped. Use isPresent() or equalTo(…).");
                return new WhenTarget(this, ProducerFactory.AsCondition(producer));
            default:
                throw evaluator.ErrorAt(position, $"'when' needs a producer as its condition, not {Printing.Describe(condition)}.");
        }
    }

    /// <summary>Records <c>when condition apply { … }</c>.</summary>
    public void Apply(ScriptPosition position, ValueProducer<bool> condition, ScriptClosure body) =>
        When(position, condition, () => evaluator.CallBody(body, position));

    /// <summary>Records <c>exit()</c> and <c>stop()</c>.</summary>
    public void Jump(ScriptPosition position, Flow flow)
    {
        MappingAction action = new JumpAction(flow);
        if (Context.Trace is { } trace)
            action = new TracedJumpAction(action, trace.AddSite(evaluator.PlaceOf(position), flow == Flow.Stop ? "stop()" : "exit()", field: null), trace);
        Add(position, action);
    }

    /// <summary>Records <c>when condition exit()</c> and <c>when condition stop()</c>.</summary>
    public void Jump(ScriptPosition position, Flow flow, ValueProducer<bool> condition) => When(position, condition, () => Jump(position, flow));

    private void When(ScriptPosition position, ValueProducer<bool> condition, Action record)
    {
        if (Context.Trace is not { } trace)
        {
            Add(position, new WhenAction(condition, Context.RecordBody(record)));
            return;
        }
        var site = trace.AddSite(evaluator.PlaceOf(position), condition.Identifier, field: null);
        var action = new WhenAction(condition, Context.RecordBody(() => trace.Within(site, record)));
        Add(position, new TracedWhenAction(action, condition, site, trace));
    }

    /// <summary>Records an action.</summary>
    public void Add(ScriptPosition position, MappingAction action)
    {
        try
        {
            Context.Add(action);
        }
        catch (MappingException problem) when (problem is not ScriptException)
        {
            throw evaluator.ErrorAt(position, problem.Message);
        }
    }

    /// <summary>The type that a value behind <c>to</c> names, or null.</summary>
    public static string? ParseTypeOf(object? value) => value switch
    {
        ParseType type => type.Name,
        ScriptType { Name: "int" } => "int32",
        ScriptType { Name: "long" } => "int64",
        ScriptType { Name: "float" } => "fp32",
        ScriptType { Name: "double" } => "fp64",
        ScriptType { Name: "boolean" } => "bool",
        ScriptType { Name: "URI" } => "uri",
        _ => null,
    };
}

/// <summary>One of the constants <c>int32 int64 fp32 fp64 bool uri</c>.</summary>
internal sealed record ParseType(string Name)
{
    public override string ToString() => Name;
}
