namespace Divolte.Grains.Geo;

/// <summary>What a database knows of one address; null where it knows nothing. Texts are UTF-8, names English. Filled once, then shared and never changed.</summary>
internal sealed class GeoPlace
{
    public int? CityId { get; set; }

    public byte[]? CityName { get; set; }

    public byte[]? ContinentCode { get; set; }

    public int? ContinentId { get; set; }

    public byte[]? ContinentName { get; set; }

    public GeoCountry Country { get; set; } = GeoCountry.Unknown;

    public GeoCountry RegisteredCountry { get; set; } = GeoCountry.Unknown;

    public GeoCountry RepresentedCountry { get; set; } = GeoCountry.Unknown;

    public double? Latitude { get; set; }

    public double? Longitude { get; set; }

    public int? MetroCode { get; set; }

    public byte[]? TimeZone { get; set; }

    public byte[]? PostalCode { get; set; }

    /// <summary>From the least to the most specific.</summary>
    public GeoCountry[] Subdivisions { get; set; } = [];

    public int? AutonomousSystemNumber { get; set; }

    public byte[]? AutonomousSystemOrganization { get; set; }

    public byte[]? Domain { get; set; }

    public byte[]? Isp { get; set; }

    public byte[]? Organization { get; set; }

    /// <summary>False when nothing is known.</summary>
    public bool IsAnonymousProxy { get; set; }

    /// <summary>False when nothing is known.</summary>
    public bool IsSatelliteProvider { get; set; }
}

/// <summary>Code, id and English name of a country or subdivision.</summary>
internal sealed record GeoCountry(byte[]? Code, int? Id, byte[]? Name)
{
    public static readonly GeoCountry Unknown = new(null, null, null);
}
