namespace Divolte.Grains.Geo;

/// <summary>What a database knows of one address; null where it knows nothing. Texts are UTF-8, names English.</summary>
internal sealed record GeoPlace
{
    public int? CityId { get; init; }

    public byte[]? CityName { get; init; }

    public byte[]? ContinentCode { get; init; }

    public int? ContinentId { get; init; }

    public byte[]? ContinentName { get; init; }

    public GeoCountry Country { get; init; } = GeoCountry.Unknown;

    public GeoCountry RegisteredCountry { get; init; } = GeoCountry.Unknown;

    public GeoCountry RepresentedCountry { get; init; } = GeoCountry.Unknown;

    public double? Latitude { get; init; }

    public double? Longitude { get; init; }

    public int? MetroCode { get; init; }

    public byte[]? TimeZone { get; init; }

    public byte[]? PostalCode { get; init; }

    /// <summary>From the least to the most specific.</summary>
    public IReadOnlyList<GeoCountry> Subdivisions { get; init; } = [];

    public int? AutonomousSystemNumber { get; init; }

    public byte[]? AutonomousSystemOrganization { get; init; }

    public byte[]? Domain { get; init; }

    public byte[]? Isp { get; init; }

    public byte[]? Organization { get; init; }

    /// <summary>False when nothing is known.</summary>
    public bool IsAnonymousProxy { get; init; }

    /// <summary>False when nothing is known.</summary>
    public bool IsSatelliteProvider { get; init; }
}

/// <summary>Code, id and English name of a country or subdivision.</summary>
internal sealed record GeoCountry(byte[]? Code, int? Id, byte[]? Name)
{
    public static readonly GeoCountry Unknown = new(null, null, null);
}
