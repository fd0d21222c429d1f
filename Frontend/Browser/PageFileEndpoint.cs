using System.Security.Cryptography;
using Divolte.Frontend.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Divolte.Frontend.Browser;

/// <summary>A file that belongs to the test page: its script and its styles stand beside it, so that any Content-Security-Policy with <c>'self'</c> allows them.</summary>
internal sealed class PageFileEndpoint(byte[] file, string contentType) : IEndpoint
{
    private static readonly StringValues Revalidated = "no-cache";

    private readonly string _tag = Convert.ToBase64String(SHA256.HashData(file));

    public Task HandleAsync(HttpContext context, RequestTarget target)
    {
        var method = context.Request.Method;
        if (!HttpMethods.IsGet(method) && !HttpMethods.IsHead(method))
            return Answers.MethodNotAllowed(context, "GET, HEAD");
        var headers = context.Response.Headers;
        headers.CacheControl = Revalidated;
        headers.ETag = $"\"{_tag}\"";
        if (context.Request.Headers.IfNoneMatch is { Count: > 0 } tags && EntityTag.Matches(tags[0], _tag))
            return Answers.Empty(context, StatusCodes.Status304NotModified);
        headers.ContentType = contentType;
        return Answers.Body(context, file);
    }
}
