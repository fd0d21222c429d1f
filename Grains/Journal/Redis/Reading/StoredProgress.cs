using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Reading;

/// <summary>
/// The progress of a sink as it is stored: <c>INCARNATION:OFFSET:</c> and the ledger's bytes; and beside it, once somebody has claimed it,
/// <c>EPOCH:VERSION:INCARNATION:THROUGH:BYTES</c>: the epoch of the claim, the version of the list of spill files, how far they hold the backlog, and their bytes.
/// </summary>
internal static class StoredProgress
{
    private const int ClaimParts = 5;

    /// <summary>Reads a stored value.</summary>
    /// <returns>Null when it has no such form.</returns>
    public static SinkProgress? Parse(string sink, int queue, RedisValue value, RedisValue claim)
    {
        var bytes = (ReadOnlyMemory<byte>)value;
        var first = bytes.Span.IndexOf((byte)':');
        var second = first < 0 ? -1 : bytes.Span[(first + 1)..].IndexOf((byte)':') + first + 1;
        if (second <= first
            || !long.TryParse(Encoding.ASCII.GetString(bytes.Span[..first]), NumberStyles.None, CultureInfo.InvariantCulture, out var incarnation)
            || !long.TryParse(Encoding.ASCII.GetString(bytes.Span[(first + 1)..second]), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            return null;
        var progress = new SinkProgress(sink, queue, new JournalPosition(incarnation, offset), bytes[(second + 1)..]);
        if (claim.IsNull)
            return progress;
        var parts = new long[ClaimParts];
        var texts = claim.ToString().Split(':');
        for (var part = 0; part < ClaimParts; part++)
        {
            if (texts.Length != ClaimParts || !long.TryParse(texts[part], NumberStyles.None, CultureInfo.InvariantCulture, out parts[part]))
                return null;
        }
        return progress with { SpilledThrough = parts[2] == incarnation ? parts[3] : 0, Claim = new SpillClaim(parts[0], parts[1], parts[4], default) };
    }
}
