using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Reading;

/// <summary>The progress of a sink as it is stored: <c>INCARNATION:OFFSET:</c> and the ledger's bytes.</summary>
internal static class StoredProgress
{
    /// <summary>Reads a stored value.</summary>
    /// <returns>Null when it has no such form.</returns>
    public static SinkProgress? Parse(string sink, int queue, RedisValue value)
    {
        var bytes = (ReadOnlyMemory<byte>)value;
        var first = bytes.Span.IndexOf((byte)':');
        var second = first < 0 ? -1 : bytes.Span[(first + 1)..].IndexOf((byte)':') + first + 1;
        return second > first
            && long.TryParse(Encoding.ASCII.GetString(bytes.Span[..first]), NumberStyles.None, CultureInfo.InvariantCulture, out var incarnation)
            && long.TryParse(Encoding.ASCII.GetString(bytes.Span[(first + 1)..second]), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? new SinkProgress(sink, queue, new JournalPosition(incarnation, offset), bytes[(second + 1)..])
            : null;
    }
}
