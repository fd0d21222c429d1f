using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Divolte.Frontend.Requests;

/// <summary>
/// With <c>debug_requests</c>: one line per request and its answer. Values of headers, addresses and queries are left out, because they identify visitors
/// and logs travel.
/// </summary>
internal sealed partial class RequestLog(RequestDelegate next, TimeProvider time, ILogger<RequestLog> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        var began = time.GetTimestamp();
        await next(context);
        var path = RequestTarget.Split(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget).Path.ToString();
        var request = context.Request;
        LogRequest(
            request.Method, path, request.Headers.Count, request.ContentType, request.ContentLength, context.Response.StatusCode,
            context.Response.ContentLength, time.GetElapsedTime(began).TotalMilliseconds);
    }

    [LoggerMessage(EventIds.RequestAnswered, LogLevel.Information,
        "{Method} {Path}: {HeaderCount} headers, type {ContentType}, length {ContentLength} -> {Status}, length {AnswerLength}, {Milliseconds} ms")]
    private partial void LogRequest(
        string method, string path, int headerCount, string? contentType, long? contentLength, int status, long? answerLength, double milliseconds);
}
