namespace Divolte.Grains.Geo;

/// <summary>Finds places. Called for every event that a mapping asks about, from several threads; allocates nothing for a place it has found of late.</summary>
internal interface IGeoLookup
{
    /// <summary>The place of an address; null when the database knows none.</summary>
    /// <param name="address">4 or 16 bytes, the first of the address first.</param>
    GeoPlace? Find(ReadOnlySpan<byte> address);
}

/// <summary>Where no look-up is at hand, no address has a place.</summary>
internal sealed class NoGeo : IGeoLookup
{
    public static readonly NoGeo Instance = new();

    public GeoPlace? Find(ReadOnlySpan<byte> address) => null;
}
