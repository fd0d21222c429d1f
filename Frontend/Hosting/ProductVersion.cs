using System.Reflection;

namespace Divolte.Frontend.Hosting;

/// <summary>What <c>--version</c>, the log and status pages say.</summary>
internal static class ProductVersion
{
    public static string Text { get; } =
        "divolte " + (typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");
}
