using Divolte.Grains.Geo;
using Divolte.Grains.Mapping.Explaining;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>A program in the making: the schema that it maps onto, its producers, and the actions recorded so far.</summary>
internal sealed class MappingContext
{
    /// <summary>Most actions of one program.</summary>
    private const int ActionsMax = 50_000;

    private readonly Stack<List<MappingAction>> _recording = new();
    private readonly List<string> _warnings = [];
    private int _count;

    /// <param name="record">Schema of the records.</param>
    /// <param name="enrichment">What producers look things up in.</param>
    public MappingContext(AvroSchema record, Enrichment enrichment)
    {
        Record = record;
        Producers = new ProducerFactory(enrichment);
        _recording.Push([]);
    }

    public AvroSchema Record { get; }

    public ProducerFactory Producers { get; }

    /// <summary>Where the program notes what it does; null when nobody asks.</summary>
    public MappingTrace? Trace { get; init; }

    /// <summary>What is allowed but hardly meant, in the order in which it was found.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public void Warn(string message)
    {
        if (_warnings.Count < 100 && !_warnings.Contains(message))
            _warnings.Add(message);
    }

    /// <summary>Adds an action where recording is at.</summary>
    /// <exception cref="MappingException">There are too many.</exception>
    public void Add(MappingAction action)
    {
        if (++_count > ActionsMax)
            throw new MappingException($"A mapping has at most {ActionsMax} actions.");
        _recording.Peek().Add(action);
    }

    /// <summary>Records what a body adds.</summary>
    public IReadOnlyList<MappingAction> RecordBody(Action body)
    {
        var actions = new List<MappingAction>();
        _recording.Push(actions);
        try
        {
            body();
        }
        finally
        {
            _recording.Pop();
        }
        return actions;
    }

    /// <summary>The finished program.</summary>
    public MappingProgram Finish() => new(_recording.Peek(), Producers.SlotCount);
}

/// <summary>What producers look things up in.</summary>
/// <param name="UserAgents">Tells what a user agent is.</param>
/// <param name="Geo">Finds places; null when no database is configured, so that scripts must not ask.</param>
internal sealed record Enrichment(IUserAgents UserAgents, IGeoLookup? Geo)
{
    /// <summary>Whether a piece that is added to digests more than once counts every time; see <c>repeat_digest_pieces</c>.</summary>
    public bool RepeatsDigestPieces { get; init; }
}
