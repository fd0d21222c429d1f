using Divolte.Grains.Deduplication;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Placement;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Divolte.Grains.Intake;

/// <summary>Registers intake and deduplication, in the order in which an event meets them.</summary>
internal static class IntakeServices
{
    /// <summary>Needs an <see cref="Journal.IJournal"/>, a <see cref="DivolteConfiguration"/> and a <see cref="GridMetrics"/> in the same container.</summary>
    public static IServiceCollection AddIntake(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider =>
        {
            // The cluster's own numbers, not the file's: they decide which shard an event has met before.
            var parameters = provider.GetRequiredService<Journal.IJournal>().Parameters;
            return new ShardMap(parameters.Shards, parameters.Queues);
        });
        services.AddSingleton<SiloIntakeClient>();
        services.AddGrainService<SiloIntakeService>();
        services.AddSingleton(CreateRouter);
        services.AddPlacementDirector<ShardPlacement, ShardPlacementDirector>();
        services.TryAddSingleton<QueueOwners>();
        services.AddSingleton<SourceTally>();
        services.AddSingleton(provider => new LocalShards(
            provider.GetRequiredService<ShardMap>(),
            provider.GetRequiredService<Journal.IJournal>(),
            provider.GetRequiredService<DivolteConfiguration>().Global.Grid.DuplicateWindow,
            provider.GetRequiredService<GridMetrics>()));
        services.AddSingleton(CreateMemories);
        return services;
    }

    private static PartRouter CreateRouter(IServiceProvider provider)
    {
        var map = provider.GetRequiredService<ShardMap>();
        var owners = provider.GetRequiredService<QueueOwners>();
        var grains = provider.GetRequiredService<IGrainFactory>();
        var others = provider.GetRequiredService<SiloIntakeClient>();
        return new PartRouter(
            provider.GetRequiredService<LocalShards>(),
            shard => owners.FindOther(map.QueueOf(shard)),
            (shard, frontend, part, token) => grains.GetGrain<IDeduplicationGrain>(shard).AcceptAsync(frontend, part, token),
            others.ForwardAsync,
            provider.GetRequiredService<GridMetrics>(),
            provider.GetRequiredService<ILogger<PartRouter>>());
    }

    private static ShardMemories CreateMemories(IServiceProvider provider)
    {
        var global = provider.GetRequiredService<DivolteConfiguration>().Global;
        Span<byte> seed = stackalloc byte[sizeof(ulong)];
        System.Security.Cryptography.RandomNumberGenerator.Fill(seed);
        return new ShardMemories(
            global.Grid,
            global.Mapper,
            provider.GetRequiredService<ShardMap>(),
            provider.GetRequiredService<TimeProvider>(),
            System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(seed));
    }
}
