using System.Globalization;
using Divolte.Frontend.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Divolte.Frontend.Browser;

/// <summary>Everything that no source claims, with <c>serve_static_resources</c>: the test page at the root and at <c>/index.html</c>, else 404.</summary>
internal sealed class TestPageEndpoint(TestPage page) : IEndpoint
{
    private const string PagePath = "/index.html";

    private static readonly StringValues HtmlType = "text/html";
    private static readonly StringValues Bytes = "bytes";

    private readonly string _lastModified = page.LastModified.ToString("R", CultureInfo.InvariantCulture);

    public Task HandleAsync(HttpContext context, RequestTarget target)
    {
        var method = context.Request.Method;
        if (!IsOneOf(method, "GET", "HEAD", "POST"))
            return NotServed(context, method);
        var path = RequestPath.Canonicalize(target.Path, out var hasTrailingSlash);
        if (path is not ("/" or PagePath) || hasTrailingSlash)
            return Answers.Empty(context, StatusCodes.Status404NotFound);
        return Precondition(context.Request.Headers) is { } refusal ? Answers.Empty(context, refusal) : Serve(context);
    }

    private static Task NotServed(HttpContext context, string method)
    {
        if (!IsOneOf(method, "OPTIONS", "PUT", "DELETE", "TRACE", "CONNECT"))
            return Answers.Empty(context, StatusCodes.Status501NotImplemented);
        context.Response.Headers.Allow = "GET, HEAD, POST";
        return Answers.Empty(context, StatusCodes.Status405MethodNotAllowed);
    }

    /// <summary>412 or 304, when a condition of the request asks for it. The page has a date and no tag, so a tag matches nothing and only a star does.</summary>
    private int? Precondition(IHeaderDictionary headers)
    {
        if (headers.IfMatch is [{ } match, ..] && !EntityTag.MatchesAny(match))
            return StatusCodes.Status412PreconditionFailed;
        if (HttpDate.First(headers.IfUnmodifiedSince) is { } unmodifiedSince && page.LastModified > unmodifiedSince)
            return StatusCodes.Status412PreconditionFailed;
        if (headers.IfNoneMatch is [{ } noneMatch, ..] && EntityTag.MatchesAny(noneMatch))
            return StatusCodes.Status304NotModified;
        if (HttpDate.First(headers.IfModifiedSince) is { } modifiedSince && page.LastModified <= modifiedSince)
            return StatusCodes.Status304NotModified;
        return null;
    }

    private Task Serve(HttpContext context)
    {
        var (request, response) = (context.Request.Headers, context.Response.Headers);
        response.AcceptRanges = Bytes;
        var range = IsRangeWanted(request.IfRange) ? ByteRange.Parse(request.Range) : null;
        if (range is not null && !range.TryLocate(page.Html.Length, out _, out _))
        {
            response.ContentRange = $"bytes */{page.Html.Length}";
            return Answers.Empty(context, StatusCodes.Status416RangeNotSatisfiable);
        }
        response.LastModified = _lastModified;
        response.ContentType = HtmlType;
        if (range is null || !range.TryLocate(page.Html.Length, out var first, out var last))
            return Answers.Body(context, page.Html);
        response.ContentRange = $"bytes {first}-{last}/{page.Html.Length}";
        context.Response.StatusCode = StatusCodes.Status206PartialContent;
        return Answers.Body(context, page.Html.AsSpan(first, last + 1 - first));
    }

    /// <summary>Whether a part is wanted although the page may have changed since: a date before the change asks for all of it. A tag says nothing here.</summary>
    private bool IsRangeWanted(StringValues ifRange) => HttpDate.First(ifRange) is not { } date || page.LastModified <= date;

    private static bool IsOneOf(string method, params ReadOnlySpan<string> methods)
    {
        foreach (var candidate in methods)
        {
            if (method.Equals(candidate, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
