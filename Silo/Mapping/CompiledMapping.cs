using System.Text;
using Divolte.Grains.Geo;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Explaining;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Schemas;

namespace Divolte.Silo.Mapping;

/// <summary>One script and schema, ready to be tried.</summary>
/// <param name="Mapper">Makes records.</param>
/// <param name="Schema">Of the records.</param>
internal sealed record CompiledMapping(EventMapper Mapper, AvroSchema Schema)
{
    /// <summary>Compiles, and prints every mistake and warning.</summary>
    /// <param name="arguments">The files.</param>
    /// <param name="request">A configuration whose settings for mappings hold, when a file is named; else the defaults hold.</param>
    /// <param name="trace">Where the program notes what it does; null for nowhere.</param>
    /// <param name="error">Takes mistakes and warnings.</param>
    /// <returns>Null when there is a mistake.</returns>
    public static CompiledMapping? TryCompile(MappingArguments arguments, ConfigurationRequest request, MappingTrace? trace, TextWriter error)
    {
        var options = new MapperOptions();
        if (request.ConfigFile is not null)
        {
            var loaded = ConfigurationLoader.Load(request);
            if (!loaded.TryGet(out var configuration))
            {
                CommandLine.AllMistakes.Print(loaded, error);
                return null;
            }
            options = configuration.Global.Mapper;
        }
        try
        {
            var geo = options.Ip2GeoDatabase is { } database ? GeoLookup.Open(database) : null;
            var compiler = new MappingCompiler(options, CachedUserAgents.Create(options.UserAgentParser), geo);
            var mapping = new MappingOptions { Name = "tried", Sources = [], Sinks = [], MappingScriptFile = arguments.Mapping, SchemaFile = arguments.Schema };
            var mapper = compiler.Compile(mapping, trace);
            foreach (var warning in compiler.Warnings)
                error.WriteLine($"WARN {warning}");
            return new CompiledMapping(mapper, AvroSchemaParser.Parse(Encoding.UTF8.GetBytes(mapper.Schema.Json), toleratesDefaults: true, out _));
        }
        catch (Exception problem) when (problem is SchemaException or GeoDatabaseException)
        {
            error.WriteLine($"ERROR {problem.Message}");
        }
        catch (MappingException problem)
        {
            foreach (var mistake in problem.Mistakes)
                error.WriteLine($"ERROR {mistake}");
        }
        return null;
    }
}
