using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Operations;

namespace Divolte.Frontend.Telemetry;

/// <summary>
/// Tells the grid every second what came in at this process's edge, so that the pages of every silo show the edges of all. One small call, whatever the
/// load; no event waits for it. A report that fails is lost: the next one says all of it again.
/// </summary>
internal sealed partial class EdgeReporter : IDisposable
{
    /// <summary>How long the last report may take, of the time that a stop has.</summary>
    public static readonly TimeSpan GoodbyeMax = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendMax = TimeSpan.FromSeconds(2);

    private readonly FrontendInstance _instance;
    private readonly FrontendMetrics _metrics;
    private readonly Func<EdgeReport, Task> _send;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private DateTimeOffset _startedAt;
    private volatile string? _name;

    /// <param name="instance">This start of the process.</param>
    /// <param name="metrics">The figures.</param>
    /// <param name="send">The way to the grid: <see cref="IEdgeGrain.ReportAsync"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of reports that failed.</param>
    public EdgeReporter(FrontendInstance instance, FrontendMetrics metrics, Func<EdgeReport, Task> send, TimeProvider time, ILogger<EdgeReporter> logger)
    {
        _instance = instance;
        _metrics = metrics;
        _send = send;
        _time = time;
        _logger = logger;
    }

    /// <summary>Begins to report; a process without a public port never does.</summary>
    /// <param name="name">Where the process serves, for people.</param>
    public void Start(string name)
    {
        _startedAt = _time.GetUtcNow();
        _name = name;
        _running = RunAsync();
    }

    /// <summary>Reports at once: whoever shows figures wants those of now from their own process.</summary>
    public Task ReportAsync(CancellationToken cancellationToken) => ReportAsync(SendMax, cancellationToken);

    /// <summary>Says what became of the last events, and reports no more.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await ReportAsync(GoodbyeMax, CancellationToken.None);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await ReportAsync(SendMax, _stopping.Token);
            await Task.Delay(Period, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReportAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (_name is not { } name)
            return;
        try
        {
            var report = new EdgeReport(_instance.Id, name, _startedAt, [.. _metrics.Sources.Select(source => source.Read())], GridFormat.Latest);
            await _send(report).WaitAsync(patience, _time, cancellationToken);
        }
        catch (Exception trouble) // silos come and go, and a stop cuts the wait short
        {
            LogNotReported(trouble);
        }
    }

    [LoggerMessage(EventIds.EdgeNotReported, LogLevel.Debug, "The figures of this process's edge did not reach the grid; the next ones say all of it again")]
    private partial void LogNotReported(Exception trouble);
}
