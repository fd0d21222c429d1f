using Microsoft.Extensions.DependencyInjection;

namespace Divolte.Grains.Geo;

/// <summary>Registers look-ups of places.</summary>
internal static class GeoServices
{
    /// <param name="services">Where to.</param>
    /// <param name="database">The file; null registers nothing. Whoever asks first for the look-up opens it.</param>
    public static IServiceCollection AddGeo(this IServiceCollection services, string? database)
    {
        if (database is null)
            return services;
        services.AddSingleton(_ => GeoLookup.Open(database));
        services.AddSingleton<IGeoLookup>(provider => provider.GetRequiredService<GeoLookup>());
        services.AddHostedService<GeoReloader>();
        return services;
    }
}
