using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>The program for mappings without a script: the built-in schema, filled from what every event has.</summary>
internal static class DefaultMapping
{
    private static readonly string[] SameName =
    [
        "firstInSession", "timestamp", "clientTimestamp", "remoteHost", "referer", "location", "viewportPixelWidth", "viewportPixelHeight",
        "screenPixelWidth", "screenPixelHeight", "partyId", "sessionId", "pageViewId", "eventType", "userAgentString",
    ];

    private static readonly string[] UserAgentParts = ["name", "family", "vendor", "type", "version", "deviceCategory", "osFamily", "osVersion", "osVendor"];

    public static MappingProgram Compile(IUserAgents userAgents)
    {
        var actions = new List<MappingAction>
        {
            Map(RequestProducers.Find("duplicate")!, "detectedDuplicate"),
            Map(RequestProducers.Find("corrupt")!, "detectedCorruption"),
        };
        actions.AddRange(SameName.Select(name => Map(RequestProducers.Find(name)!, name)));
        var userAgent = new UserAgentProducer((ValueProducer<TextSlice>)RequestProducers.Find("userAgentString")!, userAgents, slot: 0);
        actions.AddRange(UserAgentParts.Select(part => Map(userAgent.Find(part)!, $"userAgent{char.ToUpperInvariant(part[0])}{part[1..]}")));
        return new MappingProgram(actions, cacheSlots: 1);
    }

    private static MappingAction Map(ValueProducer producer, string field) => FieldMapping.Create(producer, SchemaCatalog.BuiltIn, field);
}
