using Divolte.Frontend.Submission;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Operations;

namespace Divolte.Frontend.Clustering;

/// <summary>
/// The way from a frontend to its grid. Connects in the background, for as long as that takes; compares the cluster's numbers with the configuration before
/// the first event passes; then asks now and then whether the grid would take one, which is what readiness tells.
/// </summary>
internal sealed partial class GridConnection : IDisposable
{
    private static readonly TimeSpan CalmPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TroubledPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);

    private readonly GridOptions _grid;
    private readonly Func<CancellationToken, Task> _connect;
    private readonly Func<Task<GridProbe>> _probe;
    private readonly SendBatch _send;
    private readonly Func<EdgeReport, Task> _report;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<string> _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private volatile string? _obstacle = "not yet connected to a silo";
    private volatile bool _isKnown;
    private volatile int _format = GridFormat.Oldest;

    /// <param name="grid">What the configuration says of the cluster.</param>
    /// <param name="connect">Starts the cluster client; ends when it is connected.</param>
    /// <param name="probe">Asks a silo, see <see cref="IGridProbeGrain"/>.</param>
    /// <param name="send">Calls the intake.</param>
    /// <param name="report">Tells what came in at the edge, see <see cref="IEdgeGrain"/>.</param>
    /// <param name="time">The clock of pauses and time-outs.</param>
    /// <param name="logger">Hears when the grid comes and goes.</param>
    public GridConnection(
        GridOptions grid,
        Func<CancellationToken, Task> connect,
        Func<Task<GridProbe>> probe,
        SendBatch send,
        Func<EdgeReport, Task> report,
        TimeProvider time,
        ILogger<GridConnection> logger)
    {
        _grid = grid;
        _connect = connect;
        _probe = probe;
        _send = send;
        _report = report;
        _time = time;
        _logger = logger;
    }

    /// <summary>Why the grid takes no event now, as of the last question; null when it does.</summary>
    public string? Obstacle => _obstacle;

    /// <summary>The format in which the cluster wants events: the oldest, which every silo reads, until one has told.</summary>
    public int Format => _format;

    /// <summary>Ends when the cluster's numbers differ from the configuration's: with what an operator must know. Such a frontend must not go on.</summary>
    public Task<string> Refused => _refused.Task;

    public void Start() => _running = RunAsync(_stopping.Token);

    /// <summary>Hands a batch to the grid. Fails at once while the cluster is not known to be the right one.</summary>
    public Task<BatchReceipt> SendAsync(EventBatch batch, CancellationToken cancellationToken) => _isKnown
        ? _send(batch, cancellationToken)
        : Task.FromException<BatchReceipt>(new IOException(_obstacle ?? "not connected"));

    /// <summary>Tells the grid what came in at the edge. Fails at once while the cluster is not known to be the right one.</summary>
    public Task ReportAsync(EdgeReport report) => _isKnown ? _report(report) : Task.FromException(new IOException(_obstacle ?? "not connected"));

    /// <summary>Asks no more questions. Batches may still be sent until the cluster client stops.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _connect(cancellationToken);
        }
        catch (Exception trouble)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                _obstacle = $"no connection to the grid: {trouble.Message}";
                LogNoClient(trouble);
            }
            return;
        }
        while (!cancellationToken.IsCancellationRequested && !Refused.IsCompleted)
        {
            await LookAsync(cancellationToken);
            await Task.Delay(_obstacle is null ? CalmPeriod : TroubledPeriod, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var before = _obstacle;
        try
        {
            var probe = await _probe().WaitAsync(ProbeTimeout, _time, cancellationToken);
            if (ClusterNumbers.FindDifference(_grid, probe) is { } difference)
            {
                _isKnown = false;
                _obstacle = difference;
                _refused.TrySetResult(difference);
                return;
            }
            _format = probe.Format;
            _isKnown = true;
            _obstacle = probe.CanAppend ? null : $"journal: {probe.Reason}";
            if (_obstacle is null && before is not null)
                LogReached();
        }
        catch (Exception trouble) when (!cancellationToken.IsCancellationRequested) // whatever the cluster client throws while silos come and go
        {
            _obstacle = $"no silo answers: {trouble.Message}";
        }
        catch (OperationCanceledException)
        {
            return;
        }
        if (_obstacle is { } after && before is null)
            LogLost(after);
    }

    [LoggerMessage(EventIds.GridReached, LogLevel.Information, "The grid takes events")]
    private partial void LogReached();

    [LoggerMessage(EventIds.GridLost, LogLevel.Warning, "The grid takes no events: {Obstacle}")]
    private partial void LogLost(string obstacle);

    [LoggerMessage(EventIds.GridClientFailed, LogLevel.Error, "The cluster client cannot start")]
    private partial void LogNoClient(Exception trouble);
}
