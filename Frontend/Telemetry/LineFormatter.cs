using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Divolte.Frontend.Telemetry;

/// <summary>
/// One line per message, in the order that operators of the collector know: time with zone, thread, level, short category, message. A stack trace follows
/// on lines of its own.
/// </summary>
internal sealed class LineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "divolte";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        textWriter.Write(time.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss.fffzzz", CultureInfo.InvariantCulture));
        textWriter.Write(" [");
        textWriter.Write(Thread.CurrentThread.Name ?? $"thread-{Environment.CurrentManagedThreadId}");
        textWriter.Write("] ");
        textWriter.Write(LevelOf(logEntry.LogLevel));
        textWriter.Write(" [");
        textWriter.Write(logEntry.Category.AsSpan(logEntry.Category.LastIndexOf('.') + 1));
        textWriter.Write("]: ");
        textWriter.WriteLine(message.ReplaceLineEndings(" | "));
        if (logEntry.Exception is { } exception)
            textWriter.WriteLine(exception.ToString());
    }

    private static string LevelOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE ",
        LogLevel.Debug => "DEBUG ",
        LogLevel.Information => "INFO  ",
        LogLevel.Warning => "WARN  ",
        LogLevel.Error or LogLevel.Critical => "ERROR ",
        _ => "      ",
    };
}
