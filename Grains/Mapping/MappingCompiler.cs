using Divolte.Grains.Geo;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Mapping.Explaining;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>Makes mappers of what the configuration says: reads schema and script, checks one against the other, compiles. Once, at start.</summary>
internal sealed class MappingCompiler
{
    /// <summary>Largest script file, in bytes; the lexer bounds its characters.</summary>
    private const long FileBytesMax = 4L * ScriptLexer.LengthMax;

    private readonly List<string> _warnings = [];
    private readonly SchemaCatalog _schemas;
    private readonly Enrichment _enrichment;

    /// <param name="options">What all mappings share.</param>
    /// <param name="userAgents">Tells what a user agent is.</param>
    /// <param name="geo">Finds places; null when no database is configured, or to check scripts without it.</param>
    public MappingCompiler(MapperOptions options, IUserAgents userAgents, IGeoLookup? geo)
    {
        _schemas = new SchemaCatalog(options.ToleratesSchemaDefaults);
        _enrichment = new Enrichment(userAgents, options.Ip2GeoDatabase is null ? null : geo ?? NoGeo.Instance)
        {
            RepeatsDigestPieces = options.RepeatsDigestPieces,
        };
    }

    /// <summary>What scripts do that is allowed but hardly meant.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Whether any of the mappings asks what a user agent is.</summary>
    public bool AsksForUserAgents { get; private set; }

    /// <summary>Compiles one mapping.</summary>
    /// <param name="mapping">Its files and rules.</param>
    /// <param name="trace">Where its program notes what it does, for explanations; null for ordinary work.</param>
    /// <exception cref="SchemaException">The schema cannot be used.</exception>
    /// <exception cref="MappingException">The script has mistakes or does not fit its schema.</exception>
    public EventMapper Compile(MappingOptions mapping, MappingTrace? trace = null)
    {
        var schema = _schemas.SchemaOf(mapping, out var record);
        var program = mapping.MappingScriptFile is { } script
            ? CompileScript(mapping, script, new MappingContext(record, _enrichment) { Trace = trace })
            : DefaultMapping.Compile(_enrichment.UserAgents);
        AsksForUserAgents |= mapping.MappingScriptFile is null;
        return new EventMapper(mapping, schema, program, new RecordEncoder(record));
    }

    private MappingProgram CompileScript(MappingOptions mapping, string file, MappingContext context)
    {
        string text;
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > FileBytesMax } large)
                throw new MappingException($"Could not load mapping script file: {file}: it has {large.Length} bytes, at most {FileBytesMax} are read.");
            text = File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new MappingException($"Could not load mapping script file: {file}: {exception.Message}", exception);
        }
        var program = ScriptEvaluator.Compile(new ScriptSource(file, text), context);
        AsksForUserAgents |= context.Producers.AsksForUserAgents;
        if (mapping is { DiscardDuplicates: false, Sinks.Count: > 0 } && !context.Producers.AsksForDuplicates)
        {
            _warnings.Add(
                $"divolte.mappings.{mapping.Name}: repeated events are written and cannot be told from first ones:"
                + " map duplicate() to a field, or set discard_duplicates = true");
        }
        _warnings.AddRange(context.Warnings);
        return program;
    }
}
