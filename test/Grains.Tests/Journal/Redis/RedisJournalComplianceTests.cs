using Divolte.Grains.Journal;
using Divolte.Grains.Journal.Redis;
using Divolte.TestKit.Journal;
using Divolte.TestKit.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Divolte.Grains.Tests.Journal.Redis;

/// <summary>The compliance suite over a real Redis server, shared by the tests; each has a cluster of its own in it.</summary>
public sealed class RedisJournalComplianceTests(SharedRedis redis) : JournalCompliance, IClassFixture<SharedRedis>
{
    private readonly string _cluster = Guid.NewGuid().ToString("N");

    internal override async ValueTask<IJournal> OpenAsync(JournalParameters parameters) => await RedisJournal.OpenAsync(
        new RedisJournalOptions { Connection = (await redis.GetOrSkipAsync()).Connection, Cluster = _cluster, Parameters = parameters },
        TimeProvider.System,
        NullLogger.Instance);
}

/// <summary>One Redis server for the tests of a class, started by the first that needs it.</summary>
public sealed class SharedRedis : IAsyncDisposable
{
    private RedisProcess? _server;

    public async Task<RedisProcess> GetOrSkipAsync() => _server ??= await RedisProcess.StartOrSkipAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
