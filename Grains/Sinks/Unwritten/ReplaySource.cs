using System.Text;

namespace Divolte.Grains.Sinks.Unwritten;

/// <summary>
/// The name of the source that a replayed event comes from: <c>replay&gt;SINK&gt;MAPPING&gt;SOURCE</c>. No mapping lists such a source, so the event reaches
/// nobody but the one mapping of the one sink that it is for, and the ledger counts it apart from the events of clients.
/// </summary>
internal static class ReplaySource
{
    private const string Word = "replay>";
    private const int PartsBeforeSource = 3;

    /// <summary>What the names begin with that one mapping takes for one sink.</summary>
    public static byte[] PrefixOf(string sink, string mapping) =>
        Encoding.UTF8.GetBytes($"{Word}{Uri.EscapeDataString(sink)}>{Uri.EscapeDataString(mapping)}>");

    /// <summary>The name for an event of a source, which may have been replayed before.</summary>
    public static byte[] NameOf(string sink, string mapping, ReadOnlySpan<byte> source) => [.. PrefixOf(sink, mapping), .. OriginalOf(source)];

    /// <summary>The name of the source that the event came from in the first place.</summary>
    public static ReadOnlySpan<byte> OriginalOf(ReadOnlySpan<byte> source)
    {
        if (!source.StartsWith("replay>"u8))
            return source;
        var rest = source;
        for (var part = 0; part < PartsBeforeSource; part++)
        {
            var end = rest.IndexOf((byte)'>');
            if (end < 0)
                return source;
            rest = rest[(end + 1)..];
        }
        return rest;
    }
}
