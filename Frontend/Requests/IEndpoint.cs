using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend.Requests;

/// <summary>Answers the requests of one route, of any method.</summary>
internal interface IEndpoint
{
    /// <summary>Answers one request. The target is gone when the call returns, the context when the task ends.</summary>
    Task HandleAsync(HttpContext context, RequestTarget target);
}
