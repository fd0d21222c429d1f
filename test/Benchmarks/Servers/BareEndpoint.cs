using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Divolte.Benchmarks.Servers;

/// <summary>The least that an ASP.NET server can do: one terminal delegate, one cached answer. What the product's own work is measured above.</summary>
internal static class BareEndpoint
{
    private static readonly byte[] Pixel = Convert.FromBase64String("R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==");

    public static void Run(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenLocalhost(port);
        });
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.ContentType = "image/gif";
            context.Response.ContentLength = Pixel.Length;
            Pixel.CopyTo(context.Response.BodyWriter.GetSpan(Pixel.Length));
            context.Response.BodyWriter.Advance(Pixel.Length);
            return Task.CompletedTask;
        });
        app.Run();
    }
}
