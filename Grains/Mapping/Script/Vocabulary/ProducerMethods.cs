using Divolte.Grains.Mapping.JsonPaths;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script.Library;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Script.Vocabulary;

/// <summary>Methods of producers.</summary>
internal static class ProducerMethods
{
    private static readonly string[] OfAll = ["isPresent", "isAbsent", "equalTo"];

    /// <summary>The methods of a producer, for messages.</summary>
    public static IReadOnlyList<string> NamesOf(ValueProducer producer) => [.. OfAll, .. OwnNames(producer)];

    private static IReadOnlyList<string> OwnNames(ValueProducer producer) => producer switch
    {
        HeaderProducer => ["first", "last", "get", "commaSeparated"],
        EventParametersProducer => ["value", "path"],
        UriProducer => ["scheme", "host", "port", "path", "rawPath", "decodedQueryString", "rawQueryString", "decodedFragment", "rawFragment", "query"],
        QueryProducer => ["value", "valueList"],
        MatchProducer => ["matches", "group"],
        UserAgentProducer => ["name", "family", "vendor", "type", "version", "deviceCategory", "osFamily", "osVersion", "osVendor"],
        GeoProducer => GeoProducer.Names,
        ValueProducer<bool> => ["and", "or", "negate"],
        { Type: ProducerType.Binary } => ["toHexLower", "toHexUpper", "toBase64"],
        _ => [],
    };

    /// <summary>Calls a method; <see cref="Types.NotFound"/> when there is none that takes these arguments.</summary>
    public static object? Call(ScriptEvaluator evaluator, ScriptPosition position, ValueProducer producer, string name, object?[] arguments)
    {
        var producers = evaluator.Context.Producers;
        switch (name, arguments)
        {
            case ("isPresent", []):
                return new PresenceProducer(producer, isAbsence: false);
            case ("isAbsent", []):
                return new PresenceProducer(producer, isAbsence: true);
            case ("equalTo", [var other]):
                return EqualTo(evaluator, position, producer, other);
            case ("and" or "or", [ValueProducer right]) when producer is ValueProducer<bool> left:
                return ProducerFactory.Logic(left, right, isAnd: name == "and");
            case ("negate", []) when producer is ValueProducer<bool> condition:
                return new NegationProducer(condition);
        }
        return producer switch
        {
            HeaderProducer header => CallHeader(header, name, arguments),
            EventParametersProducer => CallParameters(evaluator, position, name, arguments),
            UriProducer uri => CallUri(producers, uri, name, arguments),
            QueryProducer query => CallQuery(producers, query, name, arguments),
            MatchProducer matcher => CallMatcher(evaluator, position, matcher, name, arguments),
            UserAgentProducer userAgent when arguments.Length == 0 => (object?)userAgent.Find(name) ?? Types.NotFound,
            GeoProducer geo when arguments.Length == 0 => (object?)producers.GeoPart(geo, name) ?? Types.NotFound,
            ValueProducer<TextSlice> { Type: ProducerType.Binary } bytes when arguments.Length == 0 => CallBinary(bytes, name),
            _ => Types.NotFound,
        };
    }

    private static ValueProducer EqualTo(ScriptEvaluator evaluator, ScriptPosition position, ValueProducer producer, object? other)
    {
        if (other is ValueProducer right)
            return new ProducerEqualityProducer(producer, right);
        if (other is ComposedText)
            evaluator.Warn(position, $"{producer.Identifier} never equals a string with insertions; append .toString() to make it a plain string.");
        object? literal = other is ScriptList list && list.Items.TrueForAll(item => item is string or null) ? list.Items.Cast<string?>().ToList() : other;
        return new LiteralEqualityProducer(producer, literal, Printing.Print(other));
    }

    private static object CallHeader(HeaderProducer header, string name, object?[] arguments) => (name, arguments) switch
    {
        ("first", []) => new ListElementProducer(header, "first()", 0),
        ("last", []) => new ListElementProducer(header, "last()", -1),
        ("get", [int index]) => new ListElementProducer(header, $"get({Printing.Print(index)})", index),
        ("commaSeparated", []) => new CommaSeparatedProducer(header),
        _ => Types.NotFound,
    };

    private static object CallParameters(ScriptEvaluator evaluator, ScriptPosition position, string name, object?[] arguments)
    {
        if (arguments is not [string or ComposedText])
            return Types.NotFound;
        var text = arguments[0]!.ToString()!;
        switch (name)
        {
            case "value":
                return evaluator.Context.Producers.ParameterValue(text);
            case "path":
                if (!JsonPath.TryParse(text, out var path, out var error))
                    throw evaluator.ErrorAt(position, $"The JSON path '{text}' is not valid: {error}.");
                if (path.Function != PathFunction.None)
                    evaluator.Warn(position, $"The JSON path '{text}' ends in a function: events in which it has a result will not be mapped.");
                return evaluator.Context.Producers.Path(text, path);
            default:
                return Types.NotFound;
        }
    }

    private static object CallUri(ProducerFactory producers, UriProducer uri, string name, object?[] arguments)
    {
        if (arguments.Length > 0)
            return Types.NotFound;
        return name switch
        {
            "scheme" => new UriTextProducer(uri, name, parts => parts.Scheme, isDecoded: false),
            "host" => new UriTextProducer(uri, name, parts => parts.Host, isDecoded: false),
            "port" => new UriPortProducer(uri),
            "path" => new UriTextProducer(uri, name, parts => parts.Path, isDecoded: true),
            "rawPath" => new UriTextProducer(uri, name, parts => parts.Path, isDecoded: false),
            "decodedQueryString" => new UriTextProducer(uri, name, parts => parts.Query, isDecoded: true),
            "rawQueryString" => new UriTextProducer(uri, name, parts => parts.Query, isDecoded: false),
            "decodedFragment" => new UriTextProducer(uri, name, parts => parts.Fragment, isDecoded: true),
            "rawFragment" => new UriTextProducer(uri, name, parts => parts.Fragment, isDecoded: false),
            "query" => producers.Query(uri),
            _ => Types.NotFound,
        };
    }

    private static object CallQuery(ProducerFactory producers, QueryProducer query, string name, object?[] arguments) => (name, arguments) switch
    {
        ("value", [string or ComposedText]) => new QueryValueProducer(query, arguments[0]!.ToString()!),
        ("valueList", [string or ComposedText]) => producers.QueryValueList(query, arguments[0]!.ToString()!),
        _ => Types.NotFound,
    };

    private static object CallMatcher(ScriptEvaluator evaluator, ScriptPosition position, MatchProducer matcher, string name, object?[] arguments)
    {
        var producers = evaluator.Context.Producers;
        switch (name, arguments)
        {
            case ("matches", []):
                return new MatchesProducer(matcher);
            case ("group", [int number]):
                return Checked(evaluator, position, producers.Group(matcher, number));
            case ("group", [string or ComposedText]):
                return Checked(evaluator, position, producers.Group(matcher, arguments[0]!.ToString()!));
            default:
                return Types.NotFound;
        }
    }

    private static GroupProducer Checked(ScriptEvaluator evaluator, ScriptPosition position, GroupProducer group)
    {
        if (!group.Exists)
            evaluator.Warn(position, $"{group.Identifier}: the regular expression has no such group; events whose text matches will not be mapped.");
        return group;
    }

    private static object CallBinary(ValueProducer<TextSlice> bytes, string name) => name switch
    {
        "toHexLower" => new BinaryTextProducer(bytes, name, BinaryText.HexLower),
        "toHexUpper" => new BinaryTextProducer(bytes, name, BinaryText.HexUpper),
        "toBase64" => new BinaryTextProducer(bytes, name, BinaryText.Base64),
        _ => Types.NotFound,
    };
}
