namespace Divolte.Grains.Geo;

/// <summary>
/// Reads one record of a database into a place. Two layouts are known: that of MaxMind (<c>city.names.en</c>) and the flat one of re-publishers
/// (<c>city</c>, <c>country_code</c>, <c>state1</c>, …); they differ in the types of their values, so each record tells for itself.
/// A value of an unexpected type is as good as missing.
/// </summary>
internal ref struct GeoPlaceReader(ReadOnlySpan<byte> data)
{
    private DatabaseValues _values = new(data);

    /// <summary>What is wrong with the record; null when nothing is.</summary>
    public string? Problem => _values.Problem;

    /// <summary>The record at an offset of the data section; what it says is void when there is a problem.</summary>
    public GeoPlace Read(int offset)
    {
        var place = new GeoPlace();
        var record = _values.ReadMap(ref offset);
        var position = record.Content;
        for (var entry = 0; entry < record.Size && Problem is null; entry++)
        {
            var key = _values.ReadKey(ref position);
            Take(place, key, _values.Read(ref position));
        }
        return place;
    }

    private void Take(GeoPlace place, scoped ReadOnlySpan<byte> key, DatabaseValue value)
    {
        if (value.Kind == DatabaseValueKind.Map)
            TakePart(place, key, value);
        else if (key.SequenceEqual("subdivisions"u8))
            place.Subdivisions = Subdivisions(value);
        else
            TakeFlat(place, key, value);
    }

    private void TakePart(GeoPlace place, scoped ReadOnlySpan<byte> key, DatabaseValue part)
    {
        if (key.SequenceEqual("city"u8))
        {
            var city = Country(part);
            place.CityId = city.Id;
            place.CityName = city.Name;
        }
        else if (key.SequenceEqual("continent"u8))
        {
            var continent = Country(part);
            place.ContinentCode = continent.Code;
            place.ContinentId = continent.Id;
            place.ContinentName = continent.Name;
        }
        else if (key.SequenceEqual("country"u8))
            place.Country = Country(part);
        else if (key.SequenceEqual("registered_country"u8))
            place.RegisteredCountry = Country(part);
        else if (key.SequenceEqual("represented_country"u8))
            place.RepresentedCountry = Country(part);
        else if (key.SequenceEqual("location"u8) || key.SequenceEqual("postal"u8) || key.SequenceEqual("traits"u8))
            TakeDetails(place, part);
    }

    /// <summary>Location, postal code and traits, whose keys do not meet.</summary>
    private void TakeDetails(GeoPlace place, DatabaseValue part)
    {
        var position = part.Content;
        for (var entry = 0; entry < part.Size && Problem is null; entry++)
        {
            var key = _values.ReadKey(ref position);
            var value = _values.Read(ref position);
            if (key.SequenceEqual("latitude"u8))
                place.Latitude = Degrees(value);
            else if (key.SequenceEqual("longitude"u8))
                place.Longitude = Degrees(value);
            else if (key.SequenceEqual("metro_code"u8))
                place.MetroCode = Number(value);
            else if (key.SequenceEqual("time_zone"u8))
                place.TimeZone = Text(value);
            else if (key.SequenceEqual("code"u8))
                place.PostalCode = Text(value);
            else if (key.SequenceEqual("autonomous_system_number"u8))
                place.AutonomousSystemNumber = Number(value);
            else if (key.SequenceEqual("autonomous_system_organization"u8))
                place.AutonomousSystemOrganization = Text(value);
            else if (key.SequenceEqual("domain"u8))
                place.Domain = Text(value);
            else if (key.SequenceEqual("isp"u8))
                place.Isp = Text(value);
            else if (key.SequenceEqual("organization"u8))
                place.Organization = Text(value);
            else if (key.SequenceEqual("is_anonymous_proxy"u8))
                place.IsAnonymousProxy = value is { Kind: DatabaseValueKind.Boolean, Size: 1 };
            else if (key.SequenceEqual("is_satellite_provider"u8))
                place.IsSatelliteProvider = value is { Kind: DatabaseValueKind.Boolean, Size: 1 };
        }
    }

    /// <summary>Tables that were flattened have empty texts where nothing is known.</summary>
    private void TakeFlat(GeoPlace place, scoped ReadOnlySpan<byte> key, DatabaseValue value)
    {
        if (key.SequenceEqual("latitude"u8))
            place.Latitude = Degrees(value);
        else if (key.SequenceEqual("longitude"u8))
            place.Longitude = Degrees(value);
        else if (value is not { Kind: DatabaseValueKind.Text, Size: > 0 })
            return;
        else if (key.SequenceEqual("city"u8))
            place.CityName = Text(value);
        else if (key.SequenceEqual("country_code"u8))
            place.Country = new GeoCountry(Text(value), null, null);
        else if (key.SequenceEqual("postcode"u8))
            place.PostalCode = Text(value);
        else if (key.SequenceEqual("timezone"u8))
            place.TimeZone = Text(value);
        else if (key.SequenceEqual("state1"u8))
            place.Subdivisions = [new GeoCountry(null, null, Text(value)), .. place.Subdivisions];
        else if (key.SequenceEqual("state2"u8))
            place.Subdivisions = [.. place.Subdivisions, new GeoCountry(null, null, Text(value))];
    }

    private GeoCountry[] Subdivisions(DatabaseValue value)
    {
        if (value.Kind != DatabaseValueKind.Array)
            return [];
        var subdivisions = new List<GeoCountry>();
        var position = value.Content;
        for (var entry = 0; entry < value.Size && Problem is null; entry++)
            subdivisions.Add(Country(_values.Read(ref position)));
        return [.. subdivisions];
    }

    /// <summary>Code, id and English name of a country, continent, city or subdivision.</summary>
    private GeoCountry Country(DatabaseValue part)
    {
        if (part.Kind != DatabaseValueKind.Map)
            return GeoCountry.Unknown;
        var position = part.Content;
        byte[]? code = null, name = null;
        int? id = null;
        for (var entry = 0; entry < part.Size && Problem is null; entry++)
        {
            var key = _values.ReadKey(ref position);
            var value = _values.Read(ref position);
            if (key.SequenceEqual("iso_code"u8) || key.SequenceEqual("code"u8))
                code = Text(value);
            else if (key.SequenceEqual("geoname_id"u8))
                id = Number(value);
            else if (key.SequenceEqual("names"u8))
                name = EnglishName(value);
        }
        return code is null && id is null && name is null ? GeoCountry.Unknown : new GeoCountry(code, id, name);
    }

    private byte[]? EnglishName(DatabaseValue names)
    {
        if (names.Kind != DatabaseValueKind.Map)
            return null;
        var position = names.Content;
        for (var entry = 0; entry < names.Size && Problem is null; entry++)
        {
            var language = _values.ReadKey(ref position);
            var value = _values.Read(ref position);
            if (language.SequenceEqual("en"u8))
                return Text(value);
        }
        return null;
    }

    private byte[]? Text(DatabaseValue value) => value.Kind == DatabaseValueKind.Text ? _values.Text(value).ToArray() : null;

    private readonly int? Number(DatabaseValue value) => _values.Unsigned(value) is <= int.MaxValue and var number ? (int)number : null;

    private readonly double? Degrees(DatabaseValue value) => _values.Fraction(value) is { } degrees && double.IsFinite(degrees) ? degrees : null;
}
