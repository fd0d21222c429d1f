namespace Divolte.Grains.Journal.Redis.State;

/// <summary>The store's clock counts microseconds since 1970.</summary>
internal static class StoreTime
{
    public static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
