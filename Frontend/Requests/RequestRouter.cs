using System.Collections.Frozen;
using Divolte.Frontend.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Divolte.Frontend.Requests;

/// <summary>
/// Refuses what no endpoint may see, finds the endpoint by the canonical path and counts the answer. Routes are exact and case-sensitive; what matches none
/// goes to the fallback.
/// </summary>
internal sealed class RequestRouter(IReadOnlyDictionary<string, IEndpoint> routes, IEndpoint fallback, FrontendMetrics metrics)
{
    /// <summary>More headers than this make a request malformed, as upstream has it. Counted by name, which is free; the server itself counts lines.</summary>
    public const int HeaderCountMax = 200;

    private readonly FrozenDictionary<string, IEndpoint>.AlternateLookup<ReadOnlySpan<char>> _routes =
        routes.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public Task RouteAsync(HttpContext context)
    {
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var target = RequestTarget.Split(rawTarget);
        if (!RequestTarget.IsWellFormed(rawTarget) || HasTooManyParts(context.Request, target) || IsAmbiguousInLength(context.Request)
            || HasEmptyHost(context.Request))
            return Count(context, Answers.BadRequest(context));
        Answers.Sign(context);
        var handling = Find(target.Path).HandleAsync(context, target);
        return handling.IsCompletedSuccessfully ? Count(context, handling) : CountLaterAsync(context, handling);
    }

    private IEndpoint Find(ReadOnlySpan<char> path)
    {
        if (!path.ContainsAny('%', ';') && _routes.TryGetValue(path, out var endpoint))
            return endpoint;
        return _routes.TryGetValue(RequestPath.Canonicalize(path, out _), out endpoint) ? endpoint : fallback;
    }

    private async Task CountLaterAsync(HttpContext context, Task handling)
    {
        await handling;
        metrics.CountAnswer(context.Response.StatusCode);
    }

    private Task Count(HttpContext context, Task handled)
    {
        metrics.CountAnswer(context.Response.StatusCode);
        return handled;
    }

    private static bool HasTooManyParts(HttpRequest request, RequestTarget target) =>
        QueryParameters.HasTooMany(target.Query) || request.Headers.Count > HeaderCountMax;

    /// <summary>An absent one is the server's own business: it is missing in HTTP/1.1 only.</summary>
    private static bool HasEmptyHost(HttpRequest request) => request.Headers.Host is [""] && HttpProtocol.IsHttp11(request.Protocol);

    /// <summary>Both a chunked body and a declared length: the server moves the length aside, but the two may disagree, and proxies with them.</summary>
    private static bool IsAmbiguousInLength(HttpRequest request) =>
        request.Headers.TransferEncoding.Count > 0 && request.Headers.ContainsKey("X-Content-Length");
}
