using Divolte.Grains.Geo;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Mapping;

/// <summary>All mappings, compiled once at start.</summary>
internal sealed partial class MappingCatalog
{
    private readonly Dictionary<string, List<EventMapper>> _bySink = new(StringComparer.Ordinal);

    /// <param name="configuration">All mappings.</param>
    /// <param name="userAgents">Tells what a user agent is.</param>
    /// <param name="geo">Finds places; without it, <c>ip2geo</c> finds none.</param>
    /// <param name="logger">Where warnings go.</param>
    /// <exception cref="SchemaException">A schema cannot be used.</exception>
    /// <exception cref="MappingException">A script has a mistake or does not fit its schema.</exception>
    public MappingCatalog(
        DivolteConfiguration configuration, IUserAgents userAgents, IGeoLookup? geo = null, ILogger<MappingCatalog>? logger = null)
    {
        var enrichment = new Enrichment(userAgents, configuration.Global.Mapper.Ip2GeoDatabase is null ? null : geo ?? NoGeo.Instance)
        {
            RepeatsDigestPieces = configuration.Global.Mapper.RepeatsDigestPieces,
        };
        var warnings = new List<string>();
        if (enrichment.Geo == NoGeo.Instance)
            warnings.Add("divolte.global.mapper.ip2geo_database is set, but this release cannot look up places: ip2geo(…) is absent for every event.");
        var schemas = new SchemaCatalog(configuration.Global.Mapper.ToleratesSchemaDefaults);
        foreach (var mapping in configuration.Mappings)
        {
            var mapper = Compile(mapping, schemas, enrichment, warnings);
            foreach (var sink in mapping.Sinks.Distinct(StringComparer.Ordinal))
            {
                if (!_bySink.TryGetValue(sink, out var mappers))
                    _bySink.Add(sink, mappers = []);
                mappers.Add(mapper);
            }
        }
        Warnings = warnings;
        if (logger is not null)
            warnings.ForEach(warning => LogWarning(logger, warning));
    }

    /// <summary>What scripts do that is allowed but hardly meant.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The mappings that feed a sink, in declaration order.</summary>
    public IReadOnlyList<EventMapper> ForSink(string sink) => _bySink.TryGetValue(sink, out var mappers) ? mappers : [];

    private static EventMapper Compile(MappingOptions mapping, SchemaCatalog schemas, Enrichment enrichment, ICollection<string> warnings)
    {
        var schema = schemas.SchemaOf(mapping, out var record);
        var program = mapping.MappingScriptFile is { } script
            ? CompileScript(mapping, script, record, enrichment, warnings)
            : DefaultMapping.Compile(enrichment.UserAgents);
        return new EventMapper(mapping, schema, program, new RecordEncoder(record));
    }

    private static MappingProgram CompileScript(
        MappingOptions mapping, string file, AvroSchema record, Enrichment enrichment, ICollection<string> warnings)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new MappingException($"Could not load mapping script file: {file}: {exception.Message}", exception);
        }
        var context = new MappingContext(record, enrichment);
        var program = ScriptEvaluator.Compile(new ScriptSource(file, text), context);
        if (!mapping.DiscardDuplicates && !context.Producers.AsksForDuplicates)
        {
            warnings.Add(
                $"divolte.mappings.{mapping.Name}: repeated events are written and cannot be told from first ones:"
                + " map duplicate() to a field, or set discard_duplicates = true");
        }
        foreach (var warning in context.Warnings)
            warnings.Add(warning);
        return program;
    }

    [LoggerMessage(EventIds.ScriptWarning, LogLevel.Warning, "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);
}
