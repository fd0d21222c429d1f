using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Unwritten;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks;

/// <summary>What all workers of a process share.</summary>
/// <param name="Journal">Where the events and the progress lie.</param>
/// <param name="DeadLetters">The dead letters of a sink.</param>
/// <param name="Confirmed">Called with sink, queue and position when progress moves: the reader may forget what lies before.</param>
/// <param name="NewRetryDelay">A fresh delay for one worker.</param>
/// <param name="Metrics">Counters.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
internal sealed record SinkWorkerServices(
    IJournal Journal,
    Func<string, DeadLetters> DeadLetters,
    Action<string, int, JournalPosition> Confirmed,
    Func<RetryDelay> NewRetryDelay,
    GridMetrics Metrics,
    TimeProvider Time,
    ILogger<SinkWorker> Logger);
