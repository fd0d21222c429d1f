using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>All mappings, compiled once at start.</summary>
internal sealed class MappingCatalog
{
    private readonly Dictionary<string, List<EventMapper>> _bySink = new(StringComparer.Ordinal);

    /// <exception cref="SchemaException">A schema cannot be used.</exception>
    /// <exception cref="MappingException">A script has a mistake or does not fit its schema.</exception>
    public MappingCatalog(DivolteConfiguration configuration, IUserAgents userAgents)
    {
        var schemas = new SchemaCatalog();
        foreach (var mapping in configuration.Mappings)
        {
            var mapper = Compile(mapping, schemas, userAgents);
            foreach (var sink in mapping.Sinks.Distinct(StringComparer.Ordinal))
            {
                if (!_bySink.TryGetValue(sink, out var mappers))
                    _bySink.Add(sink, mappers = []);
                mappers.Add(mapper);
            }
        }
    }

    /// <summary>The mappings that feed a sink, in declaration order.</summary>
    public IReadOnlyList<EventMapper> ForSink(string sink) => _bySink.TryGetValue(sink, out var mappers) ? mappers : [];

    private static EventMapper Compile(MappingOptions mapping, SchemaCatalog schemas, IUserAgents userAgents)
    {
        var schema = schemas.SchemaOf(mapping, out var record);
        if (mapping.MappingScriptFile is { } script)
            throw new MappingException($"Mapping {mapping.Name}: the script {script} cannot be compiled by this build.");
        return new EventMapper(mapping, schema, DefaultMapping.Compile(userAgents), new RecordEncoder(record));
    }
}
