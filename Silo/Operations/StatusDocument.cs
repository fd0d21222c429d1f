using System.Text.Json;
using System.Text.Json.Serialization;
using Divolte.Frontend.Operations;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Silo.CommandLine;

namespace Divolte.Silo.Operations;

/// <summary>How everything is, as JSON: the ledger per source, mapping and sink, the journal, the shards, what waits.</summary>
internal sealed class StatusDocument(Readiness readiness, ShutdownDrain drain, EdgeCollector edge, IJournal journal, IGrainFactory grains, TimeProvider time)
{
    /// <summary>How long the grid may take to say how it is.</summary>
    private static readonly TimeSpan CollectMax = TimeSpan.FromSeconds(5);

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public async Task WriteAsync(HttpContext context)
    {
        object status;
        try
        {
            status = await CollectAsync(context.RequestAborted).WaitAsync(CollectMax, time, context.RequestAborted);
        }
        catch (Exception trouble) when (!context.RequestAborted.IsCancellationRequested) // a silo or the store is away, in whatever way
        {
            await AdminEndpoints.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"The grid does not say how it is: {trouble.Message}");
            return;
        }
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await JsonSerializer.SerializeAsync(context.Response.Body, status, Format, context.RequestAborted);
    }

    private async Task<object> CollectAsync(CancellationToken cancellationToken)
    {
        var grid = await grains.GetGrain<IGridStatusGrain>(0).GetAsync().WaitAsync(cancellationToken);
        var edges = await edge.CollectAsync(cancellationToken);
        var queues = new List<object>();
        for (var queue = 0; queue < journal.Parameters.Queues; queue++)
        {
            var end = await journal.GetEndAsync(queue, cancellationToken);
            queues.Add(new { queue, end.Position.Offset, accepted = end.Accepted.ToDictionary(count => count.Source, count => count.Events), end.OldestWaiting });
        }
        return new
        {
            version = HelpText.Version,
            serving = drain.State,
            obstacle = readiness.Obstacle(),
            sources = edges.Sum,
            frontends = edges.Frontends.Select(frontend => new
            {
                frontend.Report.Name,
                frontend.Report.Instance,
                frontend.Report.StartedAt,
                frontend.IsGone,
                silentSeconds = frontend.Silent.TotalSeconds,
                frontend.Report.Sources,
            }),
            journal = new
            {
                journal.Incarnation,
                journal.Parameters.Shards,
                journal.Parameters.RouteBy,
                journal.Parameters.Format,
                journal.Health.CanAppend,
                journal.Health.Reason,
                journal.Health.Warning,
                journal.Health.BytesStored,
                queues,
            },
            grid.Sinks,
            grid.Shards,
        };
    }
}
