namespace Divolte.Grains;

/// <summary>Numbers of log events, 2000-2999: a block of 100 per folder, never reused.</summary>
internal static class EventIds
{
    // Deduplication and Intake
    public const int ShardClaimed = 2000;
    public const int ShardLost = 2001;
    public const int ShardClaimFailed = 2002;
    public const int ShardCarriedUnreadable = 2003;
    public const int PartFailed = 2010;

    // Journal
    public const int JournalSyncFailed = 2100;
    public const int JournalUnavailable = 2101;
    public const int JournalAvailable = 2102;
    public const int JournalTornTail = 2103;
    public const int JournalTornGroup = 2104;
    public const int JournalDamaged = 2105;
    public const int JournalDamagedInPlace = 2106;
    public const int JournalParametersRebuilt = 2107;
    public const int JournalUnreadable = 2108;
    public const int JournalShorter = 2109;
    public const int JournalNoRoom = 2110;
    public const int JournalUpkeepFailed = 2111;
    public const int JournalUpkeepWorks = 2112;
    public const int JournalEntryDamaged = 2113;
    public const int JournalMarksLost = 2114;
    public const int JournalOpened = 2115;

    // Streaming
    public const int ConsumerAway = 2300;
    public const int ConsumerLetGoFailed = 2301;
    public const int JournalReadFailed = 2302;
}
