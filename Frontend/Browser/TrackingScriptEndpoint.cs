using Divolte.Frontend.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Divolte.Frontend.Browser;

/// <summary>GET of a source's tag, plain or compressed.</summary>
internal sealed class TrackingScriptEndpoint(TrackingScript script) : IEndpoint
{
    private static readonly StringValues Caching = "public, max-age=3600";

    public Task HandleAsync(HttpContext context, RequestTarget target)
    {
        if (!context.Request.Method.Equals(HttpMethods.Get, StringComparison.OrdinalIgnoreCase))
            return Answers.MethodNotAllowed(context, HttpMethods.Get);

        var accepted = context.Request.Headers.AcceptEncoding;
        var variant = script.Brotli is { } brotli && Accepts(accepted, brotli) ? brotli
            : script.Compressed is { } compressed && Accepts(accepted, compressed) ? compressed
            : script.Plain;
        var headers = context.Response.Headers;
        headers.CacheControl = Caching;
        headers.ETag = variant.QuotedTag;
        if (script.Compressed is not null || script.Brotli is not null)
            headers.Vary = "Accept-Encoding";
        if (variant.Encoding is { } encoding)
            headers.ContentEncoding = encoding;
        if (context.Request.Headers.IfNoneMatch is { Count: > 0 } tags && EntityTag.Matches(tags[0], variant.Tag))
            return Answers.Empty(context, StatusCodes.Status304NotModified);
        headers.ContentType = "application/javascript";
        return Answers.Body(context, variant.Bytes);
    }

    /// <summary>Only the exact item counts: no quality, no other case.</summary>
    private static bool Accepts(StringValues accepted, ScriptVariant variant)
    {
        for (var index = 0; index < accepted.Count; index++)
        {
            var header = accepted[index].AsSpan();
            foreach (var item in header.Split(','))
            {
                if (header[item].Trim().SequenceEqual(variant.Encoding))
                    return true;
            }
        }
        return false;
    }
}
