namespace Divolte.Silo;

/// <summary>Numbers of log events of the silo, 3000 to 3999; a block of 100 per folder, never used again.</summary>
internal static class EventIds
{
    // 3000: the process
    public const int Starting = 3000;
    public const int SinkOpened = 3001;
    public const int ConfigurationRead = 3002;
    public const int ConfigurationWarning = 3003;
    // 3004 was used for trouble while stopping, which both programs tell under one number.
    public const int Stopped = 3005;
    public const int WithoutPublicPort = 3006;
    public const int ShardsAsleep = 3007;

    // 3100 to 3102 were used for the admin port.

    // 3200: Live
    public const int LiveTrouble = 3200;
}
