using System.Text;
using Divolte.Grains.Mapping.Digests;
using Divolte.Grains.Mapping.JsonPaths;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary>Makes the producers of one program. Calls that mean the same give the same producer, so that its value is worked out once per event.</summary>
internal sealed class ProducerFactory(Enrichment enrichment)
{
    private readonly Dictionary<string, ValueProducer> _byIdentifier = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, string? Seed), DigestAlgorithm?> _algorithms = [];
    private readonly Dictionary<string, DigestPiece> _pieces = new(StringComparer.Ordinal);

    /// <summary>Places that the program's producers need in <see cref="EventScratch"/>.</summary>
    public int SlotCount { get; private set; }

    /// <summary>Whether places can be looked up.</summary>
    public bool HasGeo => enrichment.Geo is not null;

    /// <summary>Whether the script has asked for <c>duplicate()</c>, on whose value it can then act.</summary>
    public bool AsksForDuplicates => _byIdentifier.ContainsKey("duplicate()");

    /// <summary>Whether the script has asked for <c>userAgent()</c>.</summary>
    public bool AsksForUserAgents => _byIdentifier.ContainsKey("userAgent()");

    private int NewSlot() => SlotCount++;

    /// <summary>Gives back the known producer of the same identifier and type, if there is one.</summary>
    private T Shared<T>(T made) where T : ValueProducer
    {
        if (_byIdentifier.TryGetValue(made.Identifier, out var known) && known is T same && same.GetType() == made.GetType())
            return same;
        _byIdentifier[made.Identifier] = made;
        return made;
    }

    /// <summary>A producer that a script calls by name alone; null when there is none.</summary>
    public ValueProducer? Simple(string name) => name switch
    {
        "eventParameters" => EventParameters(),
        "userAgent" => UserAgent(),
        _ => RequestProducers.Find(name) is { } producer ? Shared(producer) : null,
    };

    public EventParametersProducer EventParameters() => Shared(new EventParametersProducer(NewSlot()));

    public UserAgentProducer UserAgent() =>
        Shared(new UserAgentProducer((ValueProducer<TextSlice>)Simple("userAgentString")!, enrichment.UserAgents, NewSlot()));

    public CookieProducer Cookie(string name) => Shared(new CookieProducer(name));

    public HeaderProducer Header(string name) => Shared(new HeaderProducer(name, NewSlot()));

    /// <summary>The place of the peer, or of the address in a text.</summary>
    public GeoProducer Geo(ValueProducer? address)
    {
        var source = address is null ? (ValueProducer<TextSlice>)Simple("remoteHost")! : AsText(address);
        return Shared(new GeoProducer($"ip2geo({address?.Identifier ?? "<remote host IP>"})", source, enrichment.Geo!, NewSlot()));
    }

    public JsonPathProducer Path(string expression, JsonPath path) => Shared(new JsonPathProducer(EventParameters(), expression, path, NewSlot()));

    public EventParameterValueProducer ParameterValue(string name) => Shared(new EventParameterValueProducer(EventParameters(), name));

    /// <summary><c>parse source to type</c>; null when there is no such type.</summary>
    public ValueProducer? Parse(ValueProducer source, string type)
    {
        var text = AsText(source);
        var identifier = $"parse({source.Identifier} to {type})";
        return type switch
        {
            "int32" => Shared(new ParsedInt32Producer(identifier, text)),
            "int64" => Shared(new ParsedInt64Producer(identifier, text)),
            "fp32" => Shared(new ParsedFloat32Producer(identifier, text)),
            "fp64" => Shared(new ParsedFloat64Producer(identifier, text)),
            "bool" => Shared(new ParsedBooleanProducer(identifier, text)),
            "uri" => Shared(new UriProducer(identifier, text, NewSlot())),
            _ => null,
        };
    }

    public MatchProducer Match(string? expression, ValueProducer source)
    {
        var identifier = $"match({expression ?? "null"} against {source.Identifier})";
        return _byIdentifier.TryGetValue(identifier, out var known) && known is MatchProducer same
            ? same
            : Shared(new MatchProducer(identifier, expression, AsText(source), NewSlot()));
    }

    public GroupProducer Group(MatchProducer matcher, int number) => Shared(new GroupProducer(matcher, number, NewSlot()));

    public GroupProducer Group(MatchProducer matcher, string name) => Shared(new GroupProducer(matcher, name, NewSlot()));

    public QueryProducer Query(UriProducer uri) => Shared(new QueryProducer(uri, NewSlot()));

    public QueryValueListProducer QueryValueList(QueryProducer query, string name) => Shared(new QueryValueListProducer(query, name, NewSlot()));

    public ValueProducer? GeoPart(GeoProducer geo, string name) => geo.Find(name, NewSlot) is { } part ? Shared(part) : null;

    public static LogicProducer Logic(ValueProducer<bool> left, ValueProducer right, bool isAnd) =>
        new($"{left.Identifier}.{(isAnd ? "and" : "or")}({right.Identifier})", left, right, isAnd);

    /// <summary>A condition; what is no boolean is accepted, and loses the events that have it.</summary>
    public static ValueProducer<bool> AsCondition(ValueProducer producer) =>
        producer as ValueProducer<bool> ?? new WrongTypeProducer<bool>(producer, ProducerType.Boolean);

    private static ValueProducer<TextSlice> AsText(ValueProducer producer) =>
        producer is ValueProducer<TextSlice> { Type: ProducerType.String } text ? text : new WrongTypeProducer<TextSlice>(producer, ProducerType.String);

    /// <summary>The algorithm of a name and seed, or null; deriving a key from a seed takes a while, so it is done once.</summary>
    public DigestAlgorithm? Algorithm(string name, string? seed, out bool isNew)
    {
        isNew = !_algorithms.TryGetValue((name, seed), out var algorithm);
        if (isNew)
            _algorithms.Add((name, seed), algorithm = DigestAlgorithm.Find(name, seed));
        return algorithm;
    }

    /// <summary>A piece of a digest; the same piece wherever the same expression is added.</summary>
    /// <param name="source">A string, bytes or JSON producer; null for a literal.</param>
    /// <param name="literal">The literal.</param>
    /// <param name="isRepeated">Whether the same expression was added before, so that it counts only once per event.</param>
    public DigestPiece Piece(ValueProducer? source, string literal, out bool isRepeated)
    {
        var identifier = source?.Identifier ?? $"\"{literal}\"";
        DigestPiece? piece = null;
        isRepeated = !enrichment.RepeatsDigestPieces && _pieces.TryGetValue(identifier, out piece);
        piece ??= new DigestPiece(source, Encoding.UTF8.GetBytes(literal), enrichment.RepeatsDigestPieces ? null : NewSlot());
        _pieces[identifier] = piece;
        return piece;
    }

    public DigestProducer Digest(string identifier, DigestAlgorithm algorithm, IReadOnlyList<DigestPiece> pieces) =>
        Shared(new DigestProducer(identifier, algorithm, pieces, NewSlot()));
}
