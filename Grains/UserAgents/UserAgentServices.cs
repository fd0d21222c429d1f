using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Divolte.Grains.UserAgents;

/// <summary>Registers what silos tell each other about user agents.</summary>
internal static class UserAgentServices
{
    /// <typeparam name="T">Remembers the user agents of this silo; already registered.</typeparam>
    public static IServiceCollection AddUserAgentReports<T>(this IServiceCollection services)
        where T : class, IRememberedUserAgents
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IRememberedUserAgents>(provider => provider.GetRequiredService<T>());
        services.AddHostedService<UserAgentReporter>();
        return services;
    }
}
