using System.Globalization;
using Divolte.Frontend.Clustering;
using Divolte.Frontend.Hosting;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Operations;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Divolte.Silo.CommandLine;

/// <summary>
/// Who belongs to a grid now, and which formats they read: silos by the membership table and by the versions of the contracts that they have told each other,
/// which are numbers of formats; frontends by what they tell the grid every second.
/// </summary>
/// <remarks>A frontend without connection to the grid is in neither, and nobody can know of it.</remarks>
internal static class GridCensus
{
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(500);

    /// <summary>How long contracts of a silo that has just joined may be unknown to the others.</summary>
    private static readonly TimeSpan ContractsMax = TimeSpan.FromSeconds(10);

    /// <summary>By then every connected frontend has told, also where the silo that remembered them has just left: they tell once a second, with a patience of two.</summary>
    private static readonly TimeSpan TellingMax = TimeSpan.FromSeconds(4);

    /// <param name="configuration">The whole configuration.</param>
    /// <param name="membership">The table of the silos.</param>
    /// <param name="time">The clock of pauses.</param>
    /// <exception cref="StartException">The table cannot be read, or silos answer and do not tell of the frontends.</exception>
    public static async Task<IReadOnlyList<GridProcess>> TakeAsync(DivolteConfiguration configuration, IMembershipTable membership, TimeProvider time)
    {
        var members = await ReadMembersAsync(membership);
        if (members.Count == 0)
            return [];
        using var host = BuildClient(configuration);
        if (!await TryConnectAsync(host, time))
            return Describe(members, new Dictionary<SiloAddress, int>());
        try
        {
            var contracts = await ReadContractsAsync(host.Services, members, time);
            var frontends = await ReadFrontendsAsync(host.Services.GetRequiredService<IClusterClient>(), time);
            // The table once more: whoever joined meanwhile belongs to the grid too.
            return [.. Describe(await ReadMembersAsync(membership), contracts), .. frontends];
        }
        finally
        {
            await host.StopAsync();
        }
    }

    /// <summary>All members that are not dead: those that hang or were killed too, until somebody declares them dead.</summary>
    private static async Task<IReadOnlyList<MembershipEntry>> ReadMembersAsync(IMembershipTable membership)
    {
        try
        {
            await membership.InitializeMembershipTableAsync(tryInitTableVersion: true, CancellationToken.None); // empty, where there never was a silo
            var table = await membership.ReadAllAsync(CancellationToken.None);
            return [.. table.Members.Select(row => row.Item1).Where(member => member.Status != SiloStatus.Dead)];
        }
        catch (Exception trouble) // whatever the client of the table's store throws
        {
            throw new StartException($"The members of the grid cannot be read: {trouble.Message}");
        }
    }

    private static IHost BuildClient(DivolteConfiguration configuration)
    {
        var builder = ProcessHost.CreateBuilder("divolte-format", configuration, ConnectMax);
        builder.Logging.ClearProviders(); // what matters is told by the command
        builder.UseOrleansClient(client => client.ConfigureWaits().UseRedisMembership(configuration.Global.Grid));
        return builder.Build();
    }

    private static async Task<bool> TryConnectAsync(IHost host, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(ConnectMax, time);
        try
        {
            await host.StartAsync(limit.Token).WaitAsync(limit.Token);
            return true;
        }
        catch (Exception) // none of the members answers, in whatever way
        {
            return false;
        }
    }

    /// <summary>The version of the contracts of every silo; those of silos that do not answer are missing.</summary>
    private static async Task<IReadOnlyDictionary<SiloAddress, int>> ReadContractsAsync(
        IServiceProvider services, IReadOnlyList<MembershipEntry> members, TimeProvider time)
    {
        var manifests = services.GetRequiredService<IClusterManifestProvider>();
        var contract = services.GetRequiredService<GrainInterfaceTypeResolver>().GetGrainInterfaceType(typeof(IGridProbeGrain));
        var begin = time.GetTimestamp();
        while (!members.All(member => manifests.Current.Silos.ContainsKey(member.SiloAddress)) && time.GetElapsedTime(begin) < ContractsMax)
            await Task.Delay(LookPause, time);
        var versions = new Dictionary<SiloAddress, int>();
        foreach (var (silo, manifest) in manifests.Current.Silos)
        {
            if (manifest.Interfaces.TryGetValue(contract, out var properties)
                && properties.Properties.TryGetValue(WellKnownGrainInterfaceProperties.Version, out var version))
                versions[silo] = int.Parse(version, CultureInfo.InvariantCulture);
        }
        return versions;
    }

    private static async Task<IReadOnlyList<GridProcess>> ReadFrontendsAsync(IClusterClient client, TimeProvider time)
    {
        try
        {
            var grain = client.GetGrain<IEdgeGrain>(0);
            await grain.GetAsync(); // makes the grain, if its silo has left
            await Task.Delay(TellingMax, time);
            return [.. (await grain.GetAsync()).Select(Describe)];
        }
        catch (Exception trouble) // whatever the cluster client throws
        {
            throw new StartException($"The silos do not tell which frontends are connected: {trouble.Message}");
        }
    }

    private static GridProcess Describe(FrontendEdge frontend) => new(
        $"frontend {frontend.Report.Name}", frontend.Report.Format > 0 ? frontend.Report.Format : null, frontend.IsGone);

    private static GridProcess[] Describe(IReadOnlyList<MembershipEntry> members, IReadOnlyDictionary<SiloAddress, int> contracts) =>
    [
        .. members.OrderBy(member => member.SiloAddress).Select(member => new GridProcess(
            $"silo {member.SiloAddress.Endpoint} on {member.HostName}", contracts.TryGetValue(member.SiloAddress, out var format) ? format : null)),
    ];
}
