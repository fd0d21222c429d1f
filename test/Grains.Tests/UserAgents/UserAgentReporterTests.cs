using System.Text;
using Divolte.Grains.Interfaces.UserAgents;
using Divolte.Grains.UserAgents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using Orleans.TestingHost;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents;

public sealed class UserAgentReporterTests
{
    [Fact]
    public async Task SiloThatStarts_KnowsWhatTheOthersSaw()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.Services.AddSingleton(TimeProvider.System));
        await using var cluster = builder.Build();
        await cluster.DeployAsync(TestContext.Current.CancellationToken);
        var grains = cluster.Client;
        var first = new Memory { Uses = { ("curl/8.4.0", "cURL", 3), ("Wget/1.2", "Wget", 1) } };
        var second = new Memory();

        await Reporter(first, grains).ExchangeAsync();
        await Reporter(second, grains).ExchangeAsync();

        Assert.Equal(["Wget/1.2", "curl/8.4.0"], second.Remembered.Order(StringComparer.Ordinal));
        var families = await Task.WhenAll(Enumerable.Range(0, UserAgentSlices.Count).Select(slice => grains.GetGrain<IUserAgentGrain>(slice).GetFamiliesAsync()));
        Assert.Equal(["Wget 1", "cURL 3"], families.SelectMany(family => family).Select(family => $"{family.Family} {family.Count}").Order(StringComparer.Ordinal));
    }

    private static UserAgentReporter Reporter(Memory memory, IGrainFactory grains) =>
        new(memory, grains, new FakeTimeProvider(), NullLogger<UserAgentReporter>.Instance);

    private sealed class Memory : IRememberedUserAgents
    {
        public List<(string Header, string Family, int Count)> Uses { get; } = [];

        public List<string> Remembered { get; } = [];

        public int Capacity => 1000;

        public void TakeUses(Action<byte[], string, int> use)
        {
            foreach (var (header, family, count) in Uses)
                use(Encoding.UTF8.GetBytes(header), family, count);
            Uses.Clear();
        }

        public void Remember(ReadOnlySpan<byte> header) => Remembered.Add(Encoding.UTF8.GetString(header));
    }
}
