using Divolte.Grains.Geo;

namespace Divolte.Grains.Mapping.Producers;

/// <summary>
/// A typed function of an event, evaluated when an action needs it. It yields a value or is absent; absence is a value of its own that everything
/// derived from it shares. Producers are immutable and serve all events and threads.
/// </summary>
/// <param name="identifier">How messages name it, built from its call: two producers with one identifier mean the same.</param>
/// <param name="type">The type of its values.</param>
internal abstract class ValueProducer(string identifier, ProducerType type)
{
    public string Identifier { get; } = identifier;

    public ProducerType Type { get; } = type;

    /// <summary>What it is derived from, to tell why it is absent; null when it comes from the event itself or from several others.</summary>
    public virtual ValueProducer? Source => null;

    /// <summary>Whether the event has a value.</summary>
    public abstract bool IsPresent(in MappedEvent mapped);

    public override string ToString() => Identifier;
}

/// <inheritdoc/>
/// <typeparam name="T">How a value is held; see <see cref="ProducerType"/>.</typeparam>
internal abstract class ValueProducer<T>(string identifier, ProducerType type) : ValueProducer(identifier, type)
{
    /// <summary>The value of an event; false when it is absent. A failure that loses the event goes to <see cref="MappedEvent.Fail"/>.</summary>
    public abstract bool TryRead(in MappedEvent mapped, out T value);

    public override bool IsPresent(in MappedEvent mapped) => TryRead(mapped, out _);
}

/// <summary>A producer whose value is worked out once per event, however many actions use it.</summary>
/// <param name="identifier">How messages name it.</param>
/// <param name="type">The type of its values.</param>
/// <param name="slot">Its own place in <see cref="EventScratch"/>.</param>
internal abstract class CachingProducer<T>(string identifier, ProducerType type, int slot) : ValueProducer<T>(identifier, type)
{
    public sealed override bool TryRead(in MappedEvent mapped, out T value)
    {
        var cached = mapped.Scratch.Cached<T>(slot);
        if (cached.Stamp != mapped.Scratch.Stamp)
        {
            cached.IsPresent = TryCompute(mapped, cached.Value, out var computed);
            cached.Value = computed;
            cached.Stamp = mapped.Scratch.Stamp;
        }
        value = cached.Value;
        return cached.IsPresent;
    }

    /// <summary>Works the value out.</summary>
    /// <param name="mapped">The event.</param>
    /// <param name="reusable">The value of an earlier event, whose object may be filled again; null at first.</param>
    /// <param name="value">The value when there is one; otherwise what should be offered for reuse.</param>
    protected abstract bool TryCompute(in MappedEvent mapped, T? reusable, out T value);
}

/// <summary>What a producer yields, and how it is held.</summary>
internal enum ProducerType : byte
{
    /// <summary>UTF-8 text: <see cref="Schemas.TextSlice"/>.</summary>
    String,

    /// <summary><see cref="bool"/>.</summary>
    Boolean,

    /// <summary><see cref="int"/>.</summary>
    Int32,

    /// <summary><see cref="long"/>.</summary>
    Int64,

    /// <summary><see cref="float"/>.</summary>
    Float32,

    /// <summary><see cref="double"/>.</summary>
    Float64,

    /// <summary>List of <see cref="Schemas.TextSlice"/>, where null stands for an element without a value.</summary>
    StringList,

    /// <summary>List of nullable <see cref="int"/>.</summary>
    Int32List,

    /// <summary>List of <see cref="QueryParameter"/>.</summary>
    QueryMap,

    /// <summary>Bytes: <see cref="Schemas.TextSlice"/>.</summary>
    Binary,

    /// <summary>Index of a node in <see cref="EventScratch.Json"/>.</summary>
    Json,

    /// <summary><see cref="Uris.UriParts"/>; only its parts can be mapped.</summary>
    Uri,

    /// <summary><see cref="MatchResult"/>; only its groups can be mapped.</summary>
    Matcher,

    /// <summary><see cref="GeoPlace"/>; only its parts can be mapped.</summary>
    Place,

    /// <summary><see cref="UserAgentTexts"/>; only its parts can be mapped.</summary>
    UserAgent,
}
