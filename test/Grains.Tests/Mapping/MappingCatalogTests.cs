using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.TestKit.Processes;
using Xunit;

namespace Divolte.Grains.Tests.Mapping;

public sealed class MappingCatalogTests
{
    [Theory]
    [InlineData("map location() onto 'text'", false)]
    [InlineData("map userAgentString() onto 'text'", false)]
    [InlineData("map userAgent().family() onto 'text'", true)]
    [InlineData("when userAgent().type().equalTo('Robot') stop()", true)]
    public void UserAgents_AreMadeReadyForScriptsThatAsk(string action, bool areAsked)
    {
        using var folder = new TemporaryFolder();
        var mapping = new MappingOptions
        {
            Name = "m", Sources = ["browser"], Sinks = ["sink"],
            MappingScriptFile = folder.Write("mapping.groovy", $"mapping {{ {action} }}"),
            SchemaFile = folder.Write("schema.avsc", """{"type":"record","name":"R","fields":[{"name":"text","type":["null","string"],"default":null}]}"""),
        };

        Assert.Equal(areAsked, IsPrepared(mapping));
    }

    [Fact]
    public void UserAgents_AreMadeReadyForTheBuiltInMapping() => Assert.True(IsPrepared(new MappingOptions { Name = "m", Sources = ["browser"], Sinks = ["sink"] }));

    private static bool IsPrepared(MappingOptions mapping)
    {
        var agents = new CountingUserAgents();
        _ = new MappingCatalog(new DivolteConfiguration { Mappings = [mapping] }, agents);
        return agents.Preparations == 1;
    }

    private sealed class CountingUserAgents : IUserAgents
    {
        public int Preparations { get; private set; }

        public void Prepare() => Preparations++;

        public UserAgentTexts? Find(ReadOnlySpan<byte> header) => null;
    }
}
