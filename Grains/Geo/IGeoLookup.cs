using System.Net;

namespace Divolte.Grains.Geo;

/// <summary>Finds places. Called for every event that a mapping asks about, from several threads.</summary>
internal interface IGeoLookup
{
    /// <summary>The place of an address; null when it is not in the database or the database cannot be read.</summary>
    GeoPlace? Find(IPAddress address);
}

/// <summary>Where no look-up is at hand, no address has a place.</summary>
internal sealed class NoGeo : IGeoLookup
{
    public static readonly NoGeo Instance = new();

    public GeoPlace? Find(IPAddress address) => null;
}
