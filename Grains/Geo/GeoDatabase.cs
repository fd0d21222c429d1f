using System.Buffers.Binary;

namespace Divolte.Grains.Geo;

/// <summary>
/// One database in memory, immutable and checked from end to end, so that no look-up fails. It holds places in the layout of MaxMind or in the flat one.
/// Places found of late are kept ready in a bounded table; a look-up takes no lock.
/// </summary>
internal sealed class GeoDatabase
{
    /// <summary>How many places are kept ready: about 5 MB when full.</summary>
    private const int PlacesMax = 8192;

    /// <summary>Zeros between tree and data.</summary>
    private const int SeparatorBytes = 16;

    private const int Ipv4PrefixBits = 96;

    private readonly byte[] _file;
    private readonly int _dataStart;
    private readonly long _ipv4Start;
    private readonly Kept?[] _places = new Kept?[PlacesMax];

    private GeoDatabase(byte[] file, GeoMetadata metadata, int dataStart)
    {
        _file = file;
        Metadata = metadata;
        _dataStart = dataStart;
        for (var bit = 0; metadata.IsIpv6 && bit < Ipv4PrefixBits && _ipv4Start < metadata.NodeCount; bit++)
            _ipv4Start = Record(_ipv4Start, 0);
    }

    public GeoMetadata Metadata { get; }

    /// <summary>Whether any of its records has a city, a subdivision, a postal code or coordinates; without them it is one of countries.</summary>
    public bool KnowsCities { get; private set; }

    /// <summary>Checks a file and makes a database of it.</summary>
    /// <param name="file">The whole file; belongs to the database from now on.</param>
    /// <param name="problem">Why it cannot be used; null when it can.</param>
    public static GeoDatabase? Read(byte[] file, out string? problem)
    {
        if (GeoMetadata.Read(file, out problem) is not { } metadata)
            return null;
        var treeBytes = metadata.NodeCount * metadata.RecordBits / 4;
        if (treeBytes + SeparatorBytes > metadata.Start)
        {
            problem = $"its tree has {metadata.NodeCount} nodes, for which the file is too short";
            return null;
        }
        var database = new GeoDatabase(file, metadata, (int)treeBytes + SeparatorBytes);
        problem = database.FindProblem();
        return problem is null ? database : null;
    }

    /// <summary>The place of an address; null when there is none.</summary>
    /// <param name="address">4 or 16 bytes.</param>
    public GeoPlace? Find(ReadOnlySpan<byte> address)
    {
        if (address.Length == 16 && !Metadata.IsIpv6)
            return null;
        var node = address.Length == 4 ? _ipv4Start : 0;
        for (var bit = 0; bit < address.Length * 8 && node < Metadata.NodeCount; bit++)
            node = Record(node, address[bit >> 3] >> (7 - (bit & 7)) & 1);
        return node > Metadata.NodeCount ? PlaceAt(OffsetOf(node)) : null;
    }

    private ReadOnlySpan<byte> Data => _file.AsSpan(_dataStart, Metadata.Start - _dataStart);

    /// <summary>Null too for a record of more values than anyone needs, which only a made-up database has.</summary>
    private GeoPlace? PlaceAt(int offset)
    {
        ref var slot = ref _places[(uint)offset * 2_654_435_769u >> 19];
        if (Volatile.Read(ref slot) is { } kept && kept.Offset == offset)
            return kept.Place;
        var reader = new GeoPlaceReader(Data);
        var place = reader.Read(offset);
        if (reader.Problem is not null)
            return null;
        Volatile.Write(ref slot, new Kept(offset, place));
        return place;
    }

    private int OffsetOf(long record) => (int)(record - Metadata.NodeCount - SeparatorBytes);

    /// <summary>One of the two records of a node: another node, nothing (the number of nodes), or a place.</summary>
    private long Record(long node, int side)
    {
        var bits = Metadata.RecordBits;
        var start = (int)(node * bits / 4);
        switch (bits)
        {
            case 24:
                start += side * 3;
                return _file[start] << 16 | _file[start + 1] << 8 | _file[start + 2];
            case 28:
                var middle = _file[start + 3];
                start += side * 4;
                return (side == 0 ? middle >> 4 : middle & 0xF) << 24 | _file[start] << 16 | _file[start + 1] << 8 | _file[start + 2];
            default:
                return BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(start + side * 4, 4));
        }
    }

    /// <summary>Follows every record of the tree, and checks all that its data hold once.</summary>
    private string? FindProblem()
    {
        var length = Data.Length;
        var checkedTargets = new ulong[length / 64 + 1];
        var hasPlaces = false;
        for (var node = 0L; node < Metadata.NodeCount; node++)
        {
            for (var side = 0; side < 2; side++)
            {
                var record = Record(node, side);
                if (record <= Metadata.NodeCount)
                    continue;
                var offset = record - Metadata.NodeCount - SeparatorBytes;
                if (offset < 0 || offset >= length)
                    return "its tree points behind its data";
                var bit = 1UL << (int)(offset & 63);
                if ((checkedTargets[offset >> 6] & bit) != 0)
                    continue;
                checkedTargets[offset >> 6] |= bit;
                if (FindProblem((int)offset, checkedTargets) is { } problem)
                    return $"its data are damaged: {problem}";
                // Of a City database, one of the first records tells.
                if (!hasPlaces || !KnowsCities)
                    hasPlaces |= HasPlace((int)offset);
            }
        }
        return hasPlaces ? null : $"it holds no places (its type is '{Metadata.DatabaseType}'); a City database is needed";
    }

    private string? FindProblem(int record, Span<ulong> checkedTargets)
    {
        var values = new DatabaseValues(Data);
        var kind = values.Check(ref record, checkedTargets);
        return values.Problem ?? (kind == DatabaseValueKind.Map ? null : "a record that is no map");
    }

    private bool HasPlace(int record)
    {
        var place = new GeoPlaceReader(Data).Read(record);
        var isInCity = place.CityName is not null || place.Latitude is not null || place.PostalCode is not null || place.Subdivisions.Length > 0;
        KnowsCities |= isInCity;
        return isInCity || place.Country.Code is not null || place.ContinentCode is not null;
    }

    private sealed class Kept(int offset, GeoPlace place)
    {
        public int Offset { get; } = offset;

        public GeoPlace Place { get; } = place;
    }
}
