using Divolte.Grains.Geo;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary><c>ip2geo()</c> and <c>ip2geo(text)</c>: looked up once per event.</summary>
internal sealed class GeoProducer(string identifier, ValueProducer<TextSlice> address, IGeoLookup lookup, int slot)
    : CachingProducer<GeoPlace>(identifier, ProducerType.Place, slot)
{
    public override ValueProducer? Source => address;

    protected override bool TryCompute(in MappedEvent mapped, GeoPlace? reusable, out GeoPlace value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value = address.TryRead(mapped, out var text) && AddressText.Read(mapped.Read(text), bytes) is > 0 and var length
            ? lookup.Find(bytes[..length])!
            : null!;
        return value is not null;
    }

    /// <summary>One of its values by the name of its method; null when there is no such method.</summary>
    /// <param name="name">The method.</param>
    /// <param name="newSlot">Gives the value a place in the scratch.</param>
    public ValueProducer? Find(string name, Func<int> newSlot) => name switch
    {
        "cityId" => Number(name, place => place.CityId),
        "cityName" => Text(name, place => place.CityName),
        "continentCode" => Text(name, place => place.ContinentCode),
        "continentId" => Number(name, place => place.ContinentId),
        "continentName" => Text(name, place => place.ContinentName),
        "countryCode" => Text(name, place => place.Country.Code),
        "countryId" => Number(name, place => place.Country.Id),
        "countryName" => Text(name, place => place.Country.Name),
        "latitude" => new FractionPart(this, name, place => place.Latitude),
        "longitude" => new FractionPart(this, name, place => place.Longitude),
        "metroCode" => Number(name, place => place.MetroCode),
        "timeZone" => Text(name, place => place.TimeZone),
        "mostSpecificSubdivisionCode" => Text(name, place => MostSpecific(place).Code),
        "mostSpecificSubdivisionId" => Number(name, place => MostSpecific(place).Id),
        "mostSpecificSubdivisionName" => Text(name, place => MostSpecific(place).Name),
        "postalCode" => Text(name, place => place.PostalCode),
        "registeredCountryCode" => Text(name, place => place.RegisteredCountry.Code),
        "registeredCountryId" => Number(name, place => place.RegisteredCountry.Id),
        "registeredCountryName" => Text(name, place => place.RegisteredCountry.Name),
        "representedCountryCode" => Text(name, place => place.RepresentedCountry.Code),
        "representedCountryId" => Number(name, place => place.RepresentedCountry.Id),
        "representedCountryName" => Text(name, place => place.RepresentedCountry.Name),
        "subdivisionCodes" => new TextsPart(this, name, part => part.Code, newSlot()),
        "subdivisionIds" => new NumbersPart(this, name, newSlot()),
        "subdivisionNames" => new TextsPart(this, name, part => part.Name, newSlot()),
        "autonomousSystemNumber" => Number(name, place => place.AutonomousSystemNumber),
        "autonomousSystemOrganization" => Text(name, place => place.AutonomousSystemOrganization),
        "domain" => Text(name, place => place.Domain),
        "isp" => Text(name, place => place.Isp),
        "organisation" => Text(name, place => place.Organization),
        "anonymousProxy" => new FlagPart(this, name, place => place.IsAnonymousProxy),
        "satelliteProvider" => new FlagPart(this, name, place => place.IsSatelliteProvider),
        _ => null,
    };

    /// <summary>The names that <see cref="Find"/> knows.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "cityId", "cityName", "continentCode", "continentId", "continentName", "countryCode", "countryId", "countryName", "latitude", "longitude", "metroCode",
        "timeZone", "mostSpecificSubdivisionCode", "mostSpecificSubdivisionId", "mostSpecificSubdivisionName", "postalCode", "registeredCountryCode",
        "registeredCountryId", "registeredCountryName", "representedCountryCode", "representedCountryId", "representedCountryName", "subdivisionCodes",
        "subdivisionIds", "subdivisionNames", "autonomousSystemNumber", "autonomousSystemOrganization", "domain", "isp", "organisation", "anonymousProxy",
        "satelliteProvider",
    ];

    private TextPart Text(string name, Func<GeoPlace, byte[]?> select) => new(this, name, select);

    private NumberPart Number(string name, Func<GeoPlace, int?> select) => new(this, name, select);

    private static GeoCountry MostSpecific(GeoPlace place) => place.Subdivisions.Length == 0 ? GeoCountry.Unknown : place.Subdivisions[^1];

    private sealed class TextPart(GeoProducer geo, string name, Func<GeoPlace, byte[]?> select)
        : ValueProducer<TextSlice>($"{geo.Identifier}.{name}()", ProducerType.String)
    {
        public override ValueProducer? Source => geo;

        public override bool TryRead(in MappedEvent mapped, out TextSlice value)
        {
            var text = geo.TryRead(mapped, out var place) ? select(place) : null;
            value = text is null ? default : TextSlice.Of(text);
            return text is not null;
        }
    }

    private sealed class NumberPart(GeoProducer geo, string name, Func<GeoPlace, int?> select)
        : ValueProducer<int>($"{geo.Identifier}.{name}()", ProducerType.Int32)
    {
        public override ValueProducer? Source => geo;

        public override bool TryRead(in MappedEvent mapped, out int value)
        {
            var number = geo.TryRead(mapped, out var place) ? select(place) : null;
            value = number.GetValueOrDefault();
            return number.HasValue;
        }
    }

    private sealed class FractionPart(GeoProducer geo, string name, Func<GeoPlace, double?> select)
        : ValueProducer<double>($"{geo.Identifier}.{name}()", ProducerType.Float64)
    {
        public override ValueProducer? Source => geo;

        public override bool TryRead(in MappedEvent mapped, out double value)
        {
            var number = geo.TryRead(mapped, out var place) ? select(place) : null;
            value = number.GetValueOrDefault();
            return number.HasValue;
        }
    }

    private sealed class FlagPart(GeoProducer geo, string name, Func<GeoPlace, bool> select)
        : ValueProducer<bool>($"{geo.Identifier}.{name}()", ProducerType.Boolean)
    {
        public override ValueProducer? Source => geo;

        public override bool TryRead(in MappedEvent mapped, out bool value)
        {
            var isPresent = geo.TryRead(mapped, out var place);
            value = isPresent && select(place);
            return isPresent;
        }
    }

    private sealed class TextsPart(GeoProducer geo, string name, Func<GeoCountry, byte[]?> select, int slot)
        : CachingProducer<List<TextSlice?>>($"{geo.Identifier}.{name}()", ProducerType.StringList, slot)
    {
        public override ValueProducer? Source => geo;

        protected override bool TryCompute(in MappedEvent mapped, List<TextSlice?>? reusable, out List<TextSlice?> value)
        {
            value = reusable ?? [];
            value.Clear();
            if (!geo.TryRead(mapped, out var place))
                return false;
            foreach (var subdivision in place.Subdivisions)
                value.Add(select(subdivision) is { } text ? TextSlice.Of(text) : null);
            return true;
        }
    }

    private sealed class NumbersPart(GeoProducer geo, string name, int slot)
        : CachingProducer<List<int?>>($"{geo.Identifier}.{name}()", ProducerType.Int32List, slot)
    {
        public override ValueProducer? Source => geo;

        protected override bool TryCompute(in MappedEvent mapped, List<int?>? reusable, out List<int?> value)
        {
            value = reusable ?? [];
            value.Clear();
            if (!geo.TryRead(mapped, out var place))
                return false;
            foreach (var subdivision in place.Subdivisions)
                value.Add(subdivision.Id);
            return true;
        }
    }
}
