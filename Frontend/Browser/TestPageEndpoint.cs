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
        return IsUnmodified(context.Request.Headers.IfModifiedSince) ? Answers.Empty(context, StatusCodes.Status304NotModified) : Serve(context);
    }

    private static Task NotServed(HttpContext context, string method)
    {
        if (!IsOneOf(method, "OPTIONS", "PUT", "DELETE", "TRACE", "CONNECT"))
            return Answers.Empty(context, StatusCodes.Status501NotImplemented);
        context.Response.Headers.Allow = "GET, HEAD, POST";
        return Answers.Empty(context, StatusCodes.Status405MethodNotAllowed);
    }

    private Task Serve(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.LastModified = _lastModified;
        headers.ContentType = HtmlType;
        headers.AcceptRanges = Bytes;
        var length = page.Html.Length;
        if (!TryReadRange(context.Request.Headers.Range, length, out var start, out var end))
            return Answers.Body(context, page.Html);
        if (start >= length)
        {
            headers.ContentRange = $"bytes */{length}";
            return Answers.Empty(context, StatusCodes.Status416RangeNotSatisfiable);
        }
        headers.ContentRange = $"bytes {start}-{end}/{length}";
        context.Response.StatusCode = StatusCodes.Status206PartialContent;
        return Answers.Body(context, page.Html.AsSpan(start, end + 1 - start));
    }

    private bool IsUnmodified(StringValues since) =>
        since.Count > 0
        && DateTimeOffset.TryParseExact(since[0], "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
        && page.LastModified <= date;

    /// <summary>One range only; anything else is served whole.</summary>
    private static bool TryReadRange(StringValues header, int length, out int start, out int end)
    {
        (start, end) = (0, length - 1);
        if (header is not [{ } text] || !text.StartsWith("bytes=", StringComparison.Ordinal))
            return false;
        var range = text["bytes=".Length..];
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
            return false;
        var hasFirst = int.TryParse(range[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first);
        var hasLast = int.TryParse(range[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var last);
        if (hasFirst && (hasLast || dash == range.Length - 1))
        {
            (start, end) = (first, hasLast ? Math.Min(last, length - 1) : length - 1);
            return start >= length || end >= start;
        }
        start = Math.Max(length - last, 0);
        return dash == 0 && hasLast && last > 0;
    }

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
