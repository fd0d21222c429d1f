using System.Text.Json;
using System.Text.Json.Serialization;
using Divolte.Frontend.Clustering;
using Divolte.Frontend.Hosting;
using Divolte.Frontend.Spool;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;

namespace Divolte.Frontend.Operations;

/// <summary>How a frontend is, as JSON: what came in, what is on its way, and whether the grid takes it.</summary>
internal sealed class FrontendStatus(
    FrontendInstance instance,
    FrontendReadiness readiness,
    ShutdownDrain drain,
    FrontendMetrics metrics,
    GridConnection grid,
    EventSubmitter submitter,
    EventSpool? spool = null)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(context.Response.Body, Collect(), Format, context.RequestAborted);
    }

    private object Collect() => new
    {
        version = ProductVersion.Text,
        instance = instance.Id,
        serving = drain.State,
        obstacle = readiness.Obstacle(),
        requestsUnderWay = drain.UnderWay,
        sources = metrics.Sources.Select(source => source.Read()),
        grid = new { isTaking = grid.Obstacle is null, grid.Obstacle, isAnswering = submitter.IsGridAnswering, submitter.Trouble },
        submission = submitter.Figures,
        spool = spool?.Figures,
    };
}
