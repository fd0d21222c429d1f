using System.Text;
using Divolte.Frontend.Submission;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Divolte.Frontend.Requests;

/// <summary>The answers that several endpoints give.</summary>
internal static class Answers
{
    /// <summary>What nearly every answer says of its server.</summary>
    public const string ServerName = "divolte";

    /// <summary>The text type of every plain answer, written exactly so.</summary>
    private const string PlainText = "text/plain; charset=utf-8";

    /// <summary>Seconds after which a client may try again; about what a shard needs to move and a store to come back.</summary>
    private const string RetryAfterSeconds = "2";

    private static readonly StringValues ServerLine = ServerName;

    /// <summary>Two absent values: the server then writes no line at all, where an empty set would make it add its own.</summary>
    private static readonly StringValues NoLine = new(new string?[] { null, null });

    /// <summary>Marks an answer as coming from below the gate: nearly all do.</summary>
    public static void Sign(HttpContext context) => context.Response.Headers.Server = ServerLine;

    /// <summary>An answer without body. 204 and 304 carry no length.</summary>
    public static Task Empty(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
            context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    public static Task Text(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = PlainText;
        return Body(context, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A body whose length is known; status and type are set already.</summary>
    public static Task Body(HttpContext context, ReadOnlySpan<byte> body)
    {
        var response = context.Response;
        response.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        body.CopyTo(response.BodyWriter.GetSpan(body.Length));
        response.BodyWriter.Advance(body.Length);
        return Task.CompletedTask;
    }

    public static Task MethodNotAllowed(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        // What a client sends behind a CONNECT is not HTTP, whatever the answer.
        if (HttpMethods.IsConnect(context.Request.Method))
            context.Response.Headers.Connection = "close";
        return Text(context, StatusCodes.Status405MethodNotAllowed, $"HTTP method {context.Request.Method} not allowed.");
    }

    /// <summary>An event could not be made durable: the client may send it again. Never said of an event that is durable.</summary>
    public static Task Unavailable(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return Empty(context, StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>The same as it goes over the wire.</summary>
    /// <param name="date">The value of its <c>Date</c>.</param>
    public static byte[] UnavailableBytes(string date) => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nDate: {date}\r\nServer: {ServerName}\r\nRetry-After: {RetryAfterSeconds}\r\n\r\n");

    /// <summary>A request that no handler sees: bare, and the connection is closed.</summary>
    public static Task BadRequest(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        context.Response.Headers.Date = NoLine;
        return Empty(context, StatusCodes.Status400BadRequest);
    }

    /// <summary>Whether a client may be told that its event was taken.</summary>
    public static bool IsTaken(this SubmitOutcome outcome) => outcome is SubmitOutcome.Durable or SubmitOutcome.Received;
}
