using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Schemas;

namespace Divolte.Silo;

/// <summary>What a start would stumble over beyond the configuration itself: schemas and scripts of every mapping, each on its own, so that one mistake hides no other.</summary>
internal static class StartCheck
{
    public static IReadOnlyList<string> FindProblems(DivolteConfiguration configuration)
    {
        var problems = new List<string>();
        foreach (var mapping in configuration.Mappings)
        {
            try
            {
                _ = new MappingCatalog(configuration with { Mappings = [mapping] }, new NoUserAgents());
            }
            catch (Exception problem) when (problem is SchemaException or MappingException)
            {
                problems.Add(problem.Message);
            }
        }
        return problems;
    }
}
