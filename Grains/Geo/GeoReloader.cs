using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Geo;

/// <summary>
/// Looks at the database's file every second. Rejected: notices of the file system, which do not come over network file systems and tell of the link
/// in a mounted directory (as Kubernetes makes them), not of what it leads to.
/// </summary>
internal sealed partial class GeoReloader(GeoLookup lookup, TimeProvider time, ILogger<GeoReloader> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogOpened(lookup.Current.Metadata.DatabaseType, lookup.Current.Metadata.BuiltAt);
        if (!lookup.Current.KnowsCities)
            LogCountriesOnly(lookup.Current.Metadata.DatabaseType);
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Look();
    }

    private void Look()
    {
        switch (lookup.Look(out var problem))
        {
            case GeoReload.Taken:
                LogReloaded(lookup.Current.Metadata.DatabaseType, lookup.Current.Metadata.BuiltAt);
                break;
            case GeoReload.Refused:
                LogRefused(problem!);
                break;
            case GeoReload.Unchanged:
            default:
                break;
        }
    }

    [LoggerMessage(EventIds.GeoOpened, LogLevel.Information, "Places come from a {DatabaseType} database of {BuiltAt:yyyy-MM-dd}")]
    private partial void LogOpened(string databaseType, DateTimeOffset builtAt);

    [LoggerMessage(EventIds.GeoCountriesOnly, LogLevel.Warning, "The {DatabaseType} database holds countries only: ip2geo() has no cities, subdivisions, postal codes and coordinates")]
    private partial void LogCountriesOnly(string databaseType);

    [LoggerMessage(EventIds.GeoReloaded, LogLevel.Information, "The file of places has changed: now a {DatabaseType} database of {BuiltAt:yyyy-MM-dd}")]
    private partial void LogReloaded(string databaseType, DateTimeOffset builtAt);

    [LoggerMessage(EventIds.GeoRefused, LogLevel.Warning, "{Problem} Places still come from the one before.")]
    private partial void LogRefused(string problem);
}
