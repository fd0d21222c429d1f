using Divolte.Grains.Journal.Marks;
using Divolte.Grains.Journal.Segments;
using Divolte.Grains.Journal.State;
using Divolte.Grains.Journal.Writing;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Journal;

/// <summary>What happens beside the writing, every second: progress is synced, sealed segments get their summaries, what nobody needs is freed.</summary>
internal sealed partial class JournalUpkeep : IDisposable
{
    private readonly SegmentLog _log;
    private readonly ProgressStore _progress;
    private readonly GroupAppender _appender;
    private readonly JournalWriter _writer;
    private readonly LocalJournalOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MarksRetention _retention;
    private readonly Lock _running = new();
    private readonly ITimer _timer;
    private bool _hasFailed;
    private bool _isStopped;

    public JournalUpkeep(
        SegmentLog log,
        ProgressStore progress,
        GroupAppender appender,
        JournalWriter writer,
        LocalJournalOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _log = log;
        _progress = progress;
        _appender = appender;
        _writer = writer;
        _options = options;
        _time = time;
        _logger = logger;
        _retention = new MarksRetention(options.DuplicateWindow, options.DuplicateMemorySize, options.DuplicateCapacity);
        _timer = time.CreateTimer(_ => Tick(), null, options.UpkeepPeriod, options.UpkeepPeriod);
    }

    /// <summary>Does all of it now. What fails is tried again at the next turn; the first failure of a row is logged.</summary>
    public void Run()
    {
        lock (_running)
        {
            if (_isStopped)
                return;
            try
            {
                RunOnce();
                if (_hasFailed)
                    LogWorks();
                _hasFailed = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (!_hasFailed)
                    LogFailed(e);
                _hasFailed = true;
            }
        }
    }

    /// <summary>Does it once more, then never again.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Run();
        lock (_running)
            _isStopped = true;
    }

    private void Tick()
    {
        // A turn that takes longer than the period is not worth another thread.
        if (!_running.TryEnter())
            return;
        try
        {
            Run();
        }
        finally
        {
            _running.Exit();
        }
        if (_appender.Trouble is not null)
            _writer.Probe();
    }

    private void RunOnce()
    {
        Exception? failure = null;
        var isProgressSynced = Try(_progress.Flush, ref failure);
        var isSummarised = Try(_log.WriteSummaries, ref failure);
        // Freeing follows the progress that is synced, whatever failed before: it may be what makes room again.
        if (TrimFloors.Of(_progress.Synced, _log.Incarnation, _options.Parameters.Queues, _options.RetainWithoutSinks) is { } floors && _log.Free(floors, isFull: !isSummarised) > 0)
        {
            if (!isSummarised)
                _log.WriteSummaries();
            if (!isProgressSynced)
                _progress.Flush();
        }
        _log.FreeMarks(_retention, _time.GetUtcNow());
        if (failure is not null)
            throw new IOException(failure.Message, failure);
    }

    private static bool Try(Action step, ref Exception? failure)
    {
        try
        {
            step();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure ??= e;
            return false;
        }
    }

    [LoggerMessage(EventIds.JournalUpkeepFailed, LogLevel.Warning, "Progress or summaries of the journal cannot be written; they stay in memory and are tried again")]
    private partial void LogFailed(Exception reason);

    [LoggerMessage(EventIds.JournalUpkeepWorks, LogLevel.Information, "Progress and summaries of the journal can be written again")]
    private partial void LogWorks();
}
