using System.Text;

namespace Divolte.Silo.Live;

/// <summary>The page at the root of the admin port, its two files, and its stream of snapshots as server-sent events. Nothing comes from elsewhere.</summary>
internal sealed class LivePage(LiveFeed feed)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly byte[] EventStart = Encoding.ASCII.GetBytes("data: ");
    private static readonly byte[] EventEnd = Encoding.ASCII.GetBytes("\n\n");

    private readonly Lazy<byte[]> _html = new(() => Read("live.html"));
    private readonly Lazy<byte[]> _script = new(() => Read("live.js"));
    private readonly Lazy<byte[]> _style = new(() => Read("live.css"));

    /// <summary>The answer; null when the path is none of the page's.</summary>
    public Task? Answer(HttpContext context) => context.Request.Path.Value switch
    {
        "/" => WriteAsync(context, "text/html; charset=utf-8", _html.Value),
        "/live.js" => WriteAsync(context, "text/javascript; charset=utf-8", _script.Value),
        "/live.css" => WriteAsync(context, "text/css; charset=utf-8", _style.Value),
        "/live/events" => StreamAsync(context),
        _ => null,
    };

    private static byte[] Read(string file)
    {
        var name = "Divolte.Silo.Live." + file;
        using var resource = typeof(LivePage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing from the assembly.");
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static Task WriteAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private async Task StreamAsync(HttpContext context)
    {
        if (feed.Join() is not { } viewer)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.StartAsync(context.RequestAborted);
            await foreach (var snapshot in viewer.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.BodyWriter.WriteAsync(EventStart, context.RequestAborted);
                await context.Response.BodyWriter.WriteAsync(snapshot, context.RequestAborted);
                await context.Response.BodyWriter.WriteAsync(EventEnd, context.RequestAborted);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The viewer is gone.
        }
        finally
        {
            feed.Leave(viewer);
        }
    }
}
