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

    // Journal/Redis
    public const int RedisLost = 2150;
    public const int RedisRestored = 2151;
    public const int RedisWeak = 2152;
    public const int RedisLookFailed = 2153;
    public const int RedisOtherLife = 2154;
    public const int RedisEventsLost = 2155;
    public const int RedisRaised = 2156;
    public const int RedisUnavailable = 2157;
    public const int RedisAvailable = 2158;
    public const int RedisAppendFailed = 2159;
    public const int RedisFull = 2160;
    public const int RedisRoom = 2161;
    public const int RedisAlarm = 2162;
    public const int RedisProgressBehind = 2163;
    public const int RedisOpened = 2164;
    public const int RedisTrimFailed = 2165;
    public const int RedisProgressStale = 2166;

    // Mapping
    public const int ScriptWarning = 2200;

    // Streaming
    public const int ConsumerAway = 2300;
    public const int JournalReadFailed = 2301;

    // Sinks
    public const int SinkPaused = 2400;
    public const int SinkResumed = 2401;
    public const int SinkHalted = 2402;
    public const int SinkWriterFailed = 2403;
    public const int SinkOutcomeMissing = 2404;
    public const int SinkProgressNotSaved = 2405;
    public const int SinkLeftBehind = 2406;
    public const int SinkMissedEvents = 2407;
    public const int SinkStreamError = 2408;
    public const int DeadLettersRemoved = 2409;
    public const int BacklogFull = 2410;
    public const int BacklogAccepting = 2411;
    public const int UpkeepFailed = 2412;
    public const int BacklogSpilled = 2450;
    public const int SpillFailed = 2451;
    public const int SpillDamaged = 2452;
    public const int SpillForeign = 2453;
    public const int SpillOff = 2454;

    // Operations
    public const int SinkSilent = 2500;
    public const int ShardSilent = 2501;

    // Sinks/Files
    public const int FileTrouble = 2600;
    public const int FileShorterThanConfirmed = 2601;
    public const int FilePublishRefused = 2602;

    // Sinks/Kafka (2700 and 2702 are spent)
    public const int KafkaClient = 2701;
    public const int KafkaTransactionClient = 2703;
    public const int KafkaSmallerBatches = 2704;
    public const int KafkaTransactionSmallerBatches = 2705;
    public const int KafkaTransactionLeftOpen = 2706;

    // Geo
    public const int GeoOpened = 2800;
    public const int GeoReloaded = 2801;
    public const int GeoRefused = 2802;
    public const int GeoCountriesOnly = 2803;

    // UserAgents
    public const int UserAgentsNotReported = 2900;
}
