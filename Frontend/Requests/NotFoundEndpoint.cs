using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend.Requests;

/// <summary>What no route takes: 404 without a body, whatever the method.</summary>
internal sealed class NotFoundEndpoint : IEndpoint
{
    public Task HandleAsync(HttpContext context, RequestTarget target) => Answers.Empty(context, StatusCodes.Status404NotFound);
}
