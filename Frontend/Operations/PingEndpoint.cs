using Divolte.Frontend.Requests;
using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend.Operations;

/// <summary>What balancers ask: whether to send more here. Any method but <c>CONNECT</c>.</summary>
internal sealed class PingEndpoint(ShutdownDrain drain) : IEndpoint
{
    /// <summary>The route; it takes precedence over a source with the same path.</summary>
    public const string Path = "/ping";

    public Task HandleAsync(HttpContext context, RequestTarget target)
    {
        // Success would open a tunnel, and the server sends no body then.
        if (HttpMethods.IsConnect(context.Request.Method))
            return Answers.MethodNotAllowed(context, "GET");
        return drain.State == DrainState.Serving
            ? Answers.Text(context, StatusCodes.Status200OK, "pong")
            : Answers.Text(context, StatusCodes.Status503ServiceUnavailable, "No p*ng for you, shutting down");
    }
}
