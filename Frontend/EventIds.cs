namespace Divolte.Frontend;

/// <summary>Numbers of log events in this project, 1000 to 1999; a block of 100 per folder, never used again.</summary>
internal static class EventIds
{
    // 1000: Requests
    public const int RouteTaken = 1000;
    public const int RequestAnswered = 1001;

    // Listening: 1900-1999
    public const int BrowserSourceServed = 1900;
    public const int JsonSourceServed = 1901;
    public const int Listening = 1902;
    public const int Leaving = 1903;
    public const int Drained = 1904;
    public const int Abandoned = 1905;
    public const int Closed = 1906;
}
