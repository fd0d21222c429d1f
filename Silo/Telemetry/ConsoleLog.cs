using Microsoft.Extensions.Logging.Console;

namespace Divolte.Silo.Telemetry;

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
        // The base class of a grain service tells of its ring; a silo alone warns that it is alone, and while it starts, that nobody has checked it yet.
        logging.AddFilter("Divolte.Grains.Intake.SiloIntakeService", LogLevel.Warning);
        logging.AddFilter("Orleans.Runtime.MembershipService", LogLevel.Error);
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddConsole(options => options.FormatterName = LineFormatter.FormatterName);
        logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
        return logging;
    }
}
