using Microsoft.Extensions.Logging.Console;

namespace Divolte.Frontend.Telemetry;

/// <summary>
/// Logging to standard output, one line per message. All but the product itself speaks from Warning on; <c>Logging__LogLevel__CATEGORY</c> variables change
/// any of it, as in every ASP.NET program.
/// </summary>
internal static class ConsoleLog
{
    public static ILoggingBuilder AddConsoleLog(this ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Divolte", LogLevel.Information);
        // A silo alone warns that it is alone, and while it starts, that nobody has checked it yet.
        logging.AddFilter("Orleans.Runtime.MembershipService", LogLevel.Error);
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddConsole(options => options.FormatterName = LineFormatter.FormatterName);
        logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
        return logging;
    }
}
