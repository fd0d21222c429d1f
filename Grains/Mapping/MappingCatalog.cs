using Divolte.Grains.Geo;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Schemas;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Mapping;

/// <summary>All mappings, compiled once at start.</summary>
internal sealed partial class MappingCatalog
{
    private readonly Dictionary<string, List<EventMapper>> _bySink = new(StringComparer.Ordinal);

    /// <param name="configuration">All mappings.</param>
    /// <param name="userAgents">Tells what a user agent is.</param>
    /// <param name="geo">Finds places; null when no database is configured, or to check scripts without it.</param>
    /// <param name="logger">Where warnings go.</param>
    /// <exception cref="MappingException">Schemas or scripts have mistakes; all of them are told.</exception>
    public MappingCatalog(
        DivolteConfiguration configuration, IUserAgents userAgents, IGeoLookup? geo = null, ILogger<MappingCatalog>? logger = null)
    {
        var compiler = new MappingCompiler(configuration.Global.Mapper, userAgents, geo);
        var mistakes = new List<string>();
        foreach (var mapping in configuration.Mappings)
        {
            try
            {
                Add(mapping, compiler.Compile(mapping));
            }
            catch (SchemaException problem)
            {
                mistakes.Add(problem.Message);
            }
            catch (MappingException problem)
            {
                mistakes.AddRange(problem.Mistakes);
            }
        }
        if (mistakes.Count > 0)
            throw new MappingException(mistakes.Distinct().ToList());
        if (compiler.AsksForUserAgents)
            userAgents.Prepare();
        Warnings = compiler.Warnings;
        if (logger is not null)
        {
            foreach (var warning in Warnings)
                LogWarning(logger, warning);
        }
    }

    /// <summary>What scripts do that is allowed but hardly meant.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The mappings that feed a sink, in declaration order.</summary>
    public IReadOnlyList<EventMapper> ForSink(string sink) => _bySink.TryGetValue(sink, out var mappers) ? mappers : [];

    private void Add(MappingOptions mapping, EventMapper mapper)
    {
        foreach (var sink in mapping.Sinks.Distinct(StringComparer.Ordinal))
        {
            if (!_bySink.TryGetValue(sink, out var mappers))
                _bySink.Add(sink, mappers = []);
            mappers.Add(mapper);
        }
    }

    [LoggerMessage(EventIds.ScriptWarning, LogLevel.Warning, "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);
}
