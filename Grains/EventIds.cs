namespace Divolte.Grains;

/// <summary>Numbers of log events, 2000-2999: a block of 100 per folder, never reused.</summary>
internal static class EventIds
{
    // Streaming
    public const int ConsumerAway = 2300;
    public const int ConsumerLetGoFailed = 2301;
    public const int JournalReadFailed = 2302;
}
