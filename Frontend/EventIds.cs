namespace Divolte.Frontend;

/// <summary>Numbers of log events in this project, 1000 to 1999; a block of 100 per folder, never used again.</summary>
internal static class EventIds
{
    // 1000: Requests
    public const int RouteTaken = 1000;
    public const int RequestAnswered = 1001;

    // 1100: Clustering
    public const int GridReached = 1100;
    public const int GridLost = 1101;
    public const int GridClientFailed = 1102;

    // 1200: Operations
    public const int AdminListening = 1200;
    public const int AdminUnavailable = 1201;
    public const int AdminExposed = 1202;

    // 1300: the process of a frontend
    public const int Starting = 1300;
    public const int ConfigurationWarning = 1301;
    public const int StopTrouble = 1302;
    public const int Stopped = 1303;

    // 1400: Spool
    public const int SpoolRecovered = 1400;
    public const int SpoolWarning = 1401;
    public const int SpoolDamaged = 1402;
    public const int SpoolFailed = 1403;
    public const int SpoolWorks = 1404;

    // 1500: Telemetry
    public const int EdgeNotReported = 1500;

    // Listening: 1900-1999
    public const int BrowserSourceServed = 1900;
    public const int JsonSourceServed = 1901;
    public const int Listening = 1902;
    public const int Leaving = 1903;
    public const int Drained = 1904;
    public const int Abandoned = 1905;
    public const int Closed = 1906;
}
