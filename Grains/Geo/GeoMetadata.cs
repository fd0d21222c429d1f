using System.Text;

namespace Divolte.Grains.Geo;

/// <summary>What a database says of itself, at its end.</summary>
internal sealed record GeoMetadata
{
    /// <summary>How far from the end the metadata may start.</summary>
    private const int LengthMax = 128 * 1024;

    /// <summary>For example <c>GeoLite2-City</c>.</summary>
    public required string DatabaseType { get; init; }

    public required DateTimeOffset BuiltAt { get; init; }

    public required long NodeCount { get; init; }

    /// <summary>Bits of one of the two records of a node: 24, 28 or 32.</summary>
    public required int RecordBits { get; init; }

    /// <summary>Whether the tree is one of IPv6 addresses, which holds the IPv4 ones too.</summary>
    public required bool IsIpv6 { get; init; }

    /// <summary>Where tree and data end.</summary>
    public required int Start { get; init; }

    /// <summary>Reads it.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="problem">Why it cannot be used; null when it can.</param>
    public static GeoMetadata? Read(ReadOnlySpan<byte> file, out string? problem)
    {
        byte[] mark = [0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8];
        var tail = Math.Max(0, file.Length - LengthMax);
        var start = file[tail..].LastIndexOf(mark);
        if (start < 0)
        {
            problem = "it is no MaxMind database (.mmdb), or its end is missing";
            return null;
        }
        var values = new DatabaseValues(file[(tail + start + mark.Length)..]);
        var position = 0;
        var map = values.ReadMap(ref position);
        position = map.Content;
        var numbers = new Dictionary<string, ulong>(StringComparer.Ordinal);
        var type = "";
        for (var entry = 0; entry < map.Size && values.Problem is null; entry++)
        {
            var key = Encoding.UTF8.GetString(values.ReadKey(ref position));
            var value = values.Read(ref position);
            if (key == "database_type")
                type = Encoding.UTF8.GetString(values.Text(value));
            else if (values.Unsigned(value) is { } number)
                numbers[key] = number;
        }
        problem = values.Problem is { } damage ? $"its metadata are damaged: {damage}" : FindProblem(numbers);
        return problem is not null ? null : new GeoMetadata
        {
            DatabaseType = type,
            BuiltAt = DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(numbers.GetValueOrDefault("build_epoch"), 253_402_300_799)),
            NodeCount = (long)numbers["node_count"],
            RecordBits = (int)numbers["record_size"],
            IsIpv6 = numbers["ip_version"] == 6,
            Start = tail + start,
        };
    }

    private static string? FindProblem(Dictionary<string, ulong> numbers)
    {
        if (numbers.GetValueOrDefault("binary_format_major_version") is var version and not 2)
            return $"its format has the version {version}, and 2 is the one that can be read";
        if (numbers.GetValueOrDefault("record_size") is var bits and not (24 or 28 or 32))
            return $"its metadata are damaged: record_size is {bits}";
        if (numbers.GetValueOrDefault("ip_version") is var ip and not (4 or 6))
            return $"its metadata are damaged: ip_version is {ip}";
        return numbers.TryGetValue("node_count", out var nodes) && nodes is > 0 and <= int.MaxValue ? null : "its metadata are damaged: node_count is missing or out of range";
    }
}
