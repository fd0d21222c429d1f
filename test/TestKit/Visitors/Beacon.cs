using System.Text;

namespace Divolte.TestKit.Visitors;

/// <summary>One browser event that a visitor sends, with the request line that carries it. Its number is in the location, which every schema keeps.</summary>
public sealed record Beacon
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// <summary>Number of the event, unique in a run.</summary>
    public required long Number { get; init; }

    /// <summary>The visitor's party id.</summary>
    public required string PartyId { get; init; }

    /// <summary>Path and query of the request, with the right checksum.</summary>
    public required string Target { get; init; }

    /// <summary>The location that an event of this number has.</summary>
    public static string LocationOf(long number) => $"https://shop.example.com/item?number={number}";

    /// <summary>The number in a location, or -1.</summary>
    public static long NumberOf(string? location)
    {
        var at = location?.IndexOf("number=", StringComparison.Ordinal) ?? -1;
        return at >= 0 && long.TryParse(location.AsSpan(at + "number=".Length), out var number) ? number : -1;
    }

    /// <summary>The page view number so-and-so of a party.</summary>
    /// <param name="path">Path of the source.</param>
    /// <param name="partyId">The visitor.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="number">Number of the event.</param>
    /// <param name="clientTime">The visitor's clock, in milliseconds.</param>
    /// <param name="padding">Characters of a referrer that makes the event as large as a test needs it; none without.</param>
    public static Beacon PageView(string path, string partyId, string sessionId, long number, long clientTime, int padding = 0)
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["p"] = partyId,
            ["s"] = sessionId,
            ["v"] = $"0:pageview{number}",
            ["e"] = $"0:pageview{number}0",
            ["c"] = Base36(clientTime),
            ["n"] = "f",
            ["f"] = "f",
            ["l"] = LocationOf(number),
            ["t"] = "pageView",
        };
        if (padding > 0)
            parameters["r"] = new string('x', padding);
        var canonical = string.Concat(parameters.Select(p => $"{p.Key}={p.Value},;"));
        var checksum = Base36((int)Murmur3(Encoding.UTF8.GetBytes(canonical)));
        var query = string.Join('&', parameters.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}"));
        return new Beacon { Number = number, PartyId = partyId, Target = $"{path}?{query}&x={checksum}" };
    }

    /// <summary>A signed number in base 36, as the tag writes it.</summary>
    public static string Base36(long value)
    {
        if (value < 0)
            return "-" + Base36(-value);
        var text = new StringBuilder();
        do
            text.Insert(0, Digits[(int)(value % 36)]);
        while ((value /= 36) > 0);
        return text.ToString();
    }

    /// <summary>MurmurHash3 x86 32 with seed 0, written apart from the product's, so that an error there shows.</summary>
    private static uint Murmur3(byte[] bytes)
    {
        static uint Rotate(uint x, int by) => (x << by) | (x >> (32 - by));
        uint hash = 0;
        var blocks = bytes.Length / 4 * 4;
        for (var i = 0; i < blocks; i += 4)
        {
            var block = BitConverter.ToUInt32(bytes, i) * 0xcc9e2d51;
            hash = Rotate(hash ^ Rotate(block, 15) * 0x1b873593, 13) * 5 + 0xe6546b64;
        }
        uint tail = 0;
        for (var i = bytes.Length - 1; i >= blocks; i--)
            tail = (tail << 8) | bytes[i];
        if (bytes.Length > blocks)
            hash ^= Rotate(tail * 0xcc9e2d51, 15) * 0x1b873593;
        hash ^= (uint)bytes.Length;
        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }
}
