namespace Divolte.Frontend;

/// <summary>Numbers of log events in this project, 1000 to 1999; a block of 100 per folder, never used again.</summary>
internal static class EventIds
{
    // 1000: Requests
    public const int RouteTaken = 1000;
    public const int RequestAnswered = 1001;
}
