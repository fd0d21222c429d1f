using Divolte.Frontend.Requests;
using Divolte.Frontend.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend.Operations;

/// <summary>Counts requests in and out, and refuses them once the gate is closed: 503 on any path, unsigned, as upstream does it.</summary>
internal sealed class ShutdownGate(RequestDelegate next, ShutdownDrain drain, FrontendMetrics metrics)
{
    public Task HandleAsync(HttpContext context)
    {
        if (!drain.TryEnter())
        {
            metrics.CountAnswer(StatusCodes.Status503ServiceUnavailable);
            return Answers.Empty(context, StatusCodes.Status503ServiceUnavailable);
        }
        Task handling;
        try
        {
            handling = next(context);
        }
        catch
        {
            drain.Leave();
            throw;
        }
        if (!handling.IsCompletedSuccessfully)
            return LeaveLaterAsync(handling);
        drain.Leave();
        return handling;
    }

    private async Task LeaveLaterAsync(Task handling)
    {
        try
        {
            await handling;
        }
        finally
        {
            drain.Leave();
        }
    }
}
