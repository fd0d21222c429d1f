using System.Net;
using System.Text;
using System.Text.Json;
using CsCheck;
using Divolte.Grains.Geo;
using Divolte.TestKit.Geo;
using Xunit;

namespace Divolte.Grains.Tests.Geo;

public class GeoDatabaseTests
{
    private static readonly byte[] City = File.ReadAllBytes(GeoDatabases.City);

    [Fact]
    public void EveryNetworkOfTheTestDatabase_HasItsRecord()
    {
        var database = Read(City);
        var networks = GeoDatabases.CityNetworks();

        Assert.True(networks.Count > 200);
        foreach (var (network, record) in networks)
        {
            var (first, last) = Ends(network);
            AssertIsRecord(record, database.Find(first), network);
            AssertIsRecord(record, database.Find(last), network);
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("8.8.8.8")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    public void AddressOutsideAllNetworks_HasNoPlace(string address) => Assert.Null(Find(Read(City), address));

    [Theory]
    [InlineData("2002:5102:458e::")]
    [InlineData("::81.2.69.142")]
    public void Ipv4AddressInsideIpv6_HasItsPlace(string address) =>
        Assert.Equal("London", Text(Find(Read(City), address)?.CityName));

    [Fact]
    public void PlaceFoundAgain_IsNotReadAgain()
    {
        var database = Read(City);
        byte[] address = [81, 2, 69, 142];
        var first = database.Find(address);

        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        var again = database.Find(address);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocatedBefore);
        Assert.Same(first, again);
    }

    [Theory]
    [InlineData(24, true)]
    [InlineData(28, true)]
    [InlineData(32, true)]
    [InlineData(24, false)]
    [InlineData(28, false)]
    [InlineData(32, false)]
    public void NetworksOfAnySize_AreFoundAsByAsking_Each(int recordBits, bool isIpv6) =>
        Gen.Select(Gen.UInt, Gen.Int[1, 32]).Array[1, 40].Sample(
            entries =>
            {
                var networks = entries.Select(entry => (Bits: entry.Item2, Start: entry.Item1 & (uint.MaxValue << (32 - entry.Item2)))).OrderBy(entry => entry.Bits).ToList();
                var builder = new GeoDatabaseBuilder { RecordBits = recordBits, IsIpv6 = isIpv6 };
                foreach (var (bits, start) in networks)
                    builder.Add($"{AddressOf(start)}/{bits}", Flat(("country_code", $"{start}/{bits}")));
                var database = Read(builder.Build());
                foreach (var (_, start) in networks)
                {
                    foreach (var address in new[] { start, start ^ 1, start - 1, ~start })
                    {
                        var known = networks.LastOrDefault(network => (address & (uint.MaxValue << (32 - network.Bits))) == network.Start);
                        Assert.Equal(known.Bits == 0 ? null : $"{known.Start}/{known.Bits}", Text(database.Find(AddressOf(address).GetAddressBytes())?.Country.Code));
                    }
                }
            },
            iter: 200);

    [Fact]
    public void FlatLayout_GivesWhatItHas()
    {
        var record = Flat(
            ("city", "Bussum"), ("country_code", "NL"), ("latitude", 52.27333f), ("longitude", 5.16111), ("postcode", "1403RM"),
            ("state1", "North Holland"), ("state2", "Gooise Meren"), ("timezone", "Europe/Amsterdam"));
        var place = Find(Read(new GeoDatabaseBuilder().Add("2.0.0.0/8", record).Build()), "2.1.2.3")!;

        Assert.Equal(("Bussum", "NL", "1403RM", "Europe/Amsterdam"), (Text(place.CityName), Text(place.Country.Code), Text(place.PostalCode), Text(place.TimeZone)));
        Assert.Equal((52.27333, 5.16111), (place.Latitude, place.Longitude));
        Assert.Equal(["North Holland", "Gooise Meren"], place.Subdivisions.Select(subdivision => Text(subdivision.Name)));
        Assert.All(place.Subdivisions, subdivision => Assert.Null(subdivision.Code));
    }

    [Fact]
    public void FlatLayoutOfCountries_IsOneOfCountries()
    {
        var database = Read(new GeoDatabaseBuilder { IsIpv6 = false }.Add("2.0.0.0/8", Flat(("country_code", "NL"), ("city", ""))).Build());

        Assert.False(database.KnowsCities);
        Assert.Equal("NL", Text(Find(database, "2.1.2.3")!.Country.Code));
        Assert.Null(Find(database, "2.1.2.3")!.CityName);
        Assert.Null(Find(database, "2001:218::1"));
    }

    [Fact]
    public void EnterpriseTraits_AreThere()
    {
        var traits = Flat(
            ("autonomous_system_number", 42u), ("autonomous_system_organization", "Level Communications"), ("domain", "divolte.io"), ("isp", "An ISP"),
            ("organization", "The Organization"), ("is_anonymous_proxy", true), ("is_satellite_provider", false));
        var place = Find(Read(new GeoDatabaseBuilder().Add("2.0.0.0/8", Flat(("traits", traits), ("country", Flat(("iso_code", "NL"))))).Build()), "2.1.2.3")!;

        Assert.Equal((42, "Level Communications"), (place.AutonomousSystemNumber, Text(place.AutonomousSystemOrganization)));
        Assert.Equal(("divolte.io", "An ISP", "The Organization"), (Text(place.Domain), Text(place.Isp), Text(place.Organization)));
        Assert.Equal((true, false), (place.IsAnonymousProxy, place.IsSatelliteProvider));
    }

    [Fact]
    public void NumberBeyondInt32_AndValueOfAnotherType_AreMissing()
    {
        var record = Flat(("city", Flat(("geoname_id", uint.MaxValue), ("names", "Bussum"))), ("country", Flat(("iso_code", 7u), ("geoname_id", -1))), ("location", Flat(("latitude", "north"))), ("city_", "x"));
        var place = Find(Read(new GeoDatabaseBuilder().Add("2.0.0.0/8", record).Add("3.0.0.0/8", Flat(("city", "x"))).Build()), "2.1.2.3")!;

        Assert.Null(place.CityId);
        Assert.Null(place.CityName);
        Assert.Null(place.Country.Code);
        Assert.Null(place.Country.Id);
        Assert.Null(place.Latitude);
    }

    [Theory]
    [InlineData("GeoIP2-City-Test-Broken-Double-Format.mmdb", "its data are damaged: a value of type 3 with the size")]
    [InlineData("GeoIP2-City-Test-Invalid-Node-Count.mmdb", "its tree")]
    [InlineData("GeoLite2-ASN-Test.mmdb", "it holds no places (its type is 'GeoLite2-ASN'); a City database is needed")]
    [InlineData("README.md", "it is no MaxMind database")]
    public void UnusableFile_IsRefusedWithTheReason(string name, string reason)
    {
        Assert.Null(GeoDatabase.Read(File.ReadAllBytes(GeoDatabases.PathOf(name)), out var problem));

        Assert.StartsWith(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void DatabaseOfCountries_IsTaken()
    {
        var database = Read(File.ReadAllBytes(GeoDatabases.PathOf("GeoIP2-Country-Test.mmdb")));

        Assert.False(database.KnowsCities);
        Assert.Equal("JP", Text(Find(database, "2001:218::1")!.Country.Code));
    }

    [Theory]
    [InlineData("binary_format_major_version", 1u, "its format has the version 1")]
    [InlineData("binary_format_major_version", 3u, "its format has the version 3")]
    [InlineData("record_size", 20u, "its metadata are damaged: record_size is 20")]
    [InlineData("ip_version", 5u, "its metadata are damaged: ip_version is 5")]
    [InlineData("node_count", 0u, "its metadata are damaged: node_count is missing or out of range")]
    [InlineData("node_count", uint.MaxValue, "its metadata are damaged: node_count is missing or out of range")]
    [InlineData("node_count", 1_000_000u, "its tree has 1000000 nodes")]
    [InlineData("node_count", "many", "its metadata are damaged: node_count is missing or out of range")]
    public void MetadataThatCannotBe_AreRefused(string key, object value, string reason)
    {
        var builder = new GeoDatabaseBuilder().Add("2.0.0.0/8", Flat(("country_code", "NL")));
        builder.Metadata[key] = value;

        Assert.Null(GeoDatabase.Read(builder.Build(), out var problem));
        Assert.StartsWith(reason, problem, StringComparison.Ordinal);
    }

    /// <summary>Maps that contain themselves, pointers to pointers, lengths without end: refused, and at once.</summary>
    [Theory]
    [InlineData("E1 41 78 38 00 00 00 00", "")] // { x: itself }: never walked into, so harmless
    [InlineData("E1 47 63 6F 75 6E 74 72 79 38 00 00 00 00", "")] // { country: itself }: walked once
    [InlineData("38 00 00 00 00", "a pointer to a pointer")]
    [InlineData("38 00 FF 00 00", "a pointer behind the file")]
    [InlineData("FF FF FF FF 41 78 41 78", "a map whose key is no text")]
    [InlineData("1F 04 FF FF FF", "a value behind the file")]
    [InlineData("E1 41 78 1F 04 FF FF FF", "a value behind the file")]
    [InlineData("E1 41 78 1D 04", "a value behind the file")]
    [InlineData("E1 41 78 00 00", "a value of a type that does not exist")]
    [InlineData("E1 41 78 00 05", "a value of type 12 with the size 0")]
    [InlineData("E1 C1 07", "a map whose key is no text")]
    [InlineData("41 78", "a record that is no map")]
    [InlineData("E1 44 63 69 74 79 41 FF", "a text that is no UTF-8")]
    public void RecordThatIsMadeToDoHarm_IsRefused(string bytes, string reason)
    {
        var record = Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal));
        var file = new GeoDatabaseBuilder().Add("2.0.0.0/8", record).Add("3.0.0.0/8", Flat(("country_code", "NL"))).Build();

        var database = GeoDatabase.Read(file, out var problem);

        Assert.Equal(reason.Length == 0, database is not null);
        Assert.Contains(reason, problem ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void ValuesInsideValuesWithoutEnd_AreRefused()
    {
        object nested = "x";
        for (var depth = 0; depth < 40; depth++)
            nested = new[] { nested };
        var file = new GeoDatabaseBuilder().Add("2.0.0.0/8", Flat(("country_code", "NL"), ("x", nested))).Build();

        Assert.Null(GeoDatabase.Read(file, out var problem));
        Assert.Equal("its data are damaged: values inside values without end", problem);
    }

    [Fact]
    public void RecordOfMoreValuesThanAnyoneNeeds_IsRefused()
    {
        var names = Enumerable.Range(0, 15_000).ToDictionary(number => $"language{number}", object (number) => "name");
        var file = new GeoDatabaseBuilder().Add("2.0.0.0/8", Flat(("city", Flat(("names", names))))).Build();

        Assert.Null(GeoDatabase.Read(file, out var problem));
        Assert.Equal("its data are damaged: a record without end", problem);
    }

    /// <summary>Whatever was changed in a file: it is refused, or its look-ups work.</summary>
    [Fact]
    public void DamagedFile_IsRefusedOrWorks()
    {
        var taken = 0;
        Gen.Select(Gen.Select(Gen.Int[0, City.Length - 1], Gen.Byte).Array[1, 6], Gen.Int[0, City.Length], Gen.UInt.Array[20]).Sample(
            (changes, length, addresses) =>
            {
                var file = City.ToArray();
                foreach (var (index, value) in changes)
                    file[index] = value;
                // One in four is cut off besides.
                if (length % 4 == 0)
                    file = file[..length];
                if (GeoDatabase.Read(file, out _) is not { } database)
                    return;
                Interlocked.Increment(ref taken);
                foreach (var address in addresses)
                    database.Find(AddressOf(address).GetAddressBytes());
                database.Find(AddressOf(addresses[0]).MapToIPv6().GetAddressBytes());
            },
            iter: 2_000);

        Assert.True(taken > 10, $"only {taken} were taken, so that look-ups were hardly tried");
    }

    private static Dictionary<string, object> Flat(params (string Key, object Value)[] entries) => entries.ToDictionary(entry => entry.Key, entry => entry.Value);

    private static GeoDatabase Read(byte[] file)
    {
        var database = GeoDatabase.Read(file, out var problem);
        Assert.True(problem is null, problem);
        return database!;
    }

    private static IPAddress AddressOf(uint number) => new([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    private static GeoPlace? Find(GeoDatabase database, string address) => database.Find(IPAddress.Parse(address).GetAddressBytes());

    private static string? Text(byte[]? text) => text is null ? null : Encoding.UTF8.GetString(text);

    private static (byte[] First, byte[] Last) Ends(string network)
    {
        var parsed = IPNetwork.Parse(network);
        var first = parsed.BaseAddress.GetAddressBytes();
        var last = first.ToArray();
        for (var bit = parsed.PrefixLength; bit < last.Length * 8; bit++)
            last[bit >> 3] |= (byte)(0x80 >> (bit & 7));
        return (first, last);
    }

    private static void AssertIsRecord(JsonElement record, GeoPlace? place, string network)
    {
        Assert.True(place is not null, network);
        AssertIsCountry(At(record, "country"), place.Country, network);
        AssertIsCountry(At(record, "registered_country"), place.RegisteredCountry, network);
        AssertIsCountry(At(record, "represented_country"), place.RepresentedCountry, network);
        AssertIsCountry(At(record, "continent"), new GeoCountry(place.ContinentCode, place.ContinentId, place.ContinentName), network);
        AssertIsCountry(At(record, "city"), new GeoCountry(null, place.CityId, place.CityName), network);
        var subdivisions = At(record, "subdivisions") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().ToList() : [];
        Assert.Equal(subdivisions.Count, place.Subdivisions.Length);
        foreach (var (subdivision, found) in subdivisions.Zip(place.Subdivisions))
            AssertIsCountry(subdivision, found, network);
        var location = At(record, "location");
        Assert.Equal(At(location, "latitude")?.GetDouble(), place.Latitude);
        Assert.Equal(At(location, "longitude")?.GetDouble(), place.Longitude);
        Assert.Equal(At(location, "metro_code")?.GetInt32(), place.MetroCode);
        Assert.Equal(At(location, "time_zone")?.GetString(), Text(place.TimeZone));
        Assert.Equal(At(At(record, "postal"), "code")?.GetString(), Text(place.PostalCode));
    }

    private static void AssertIsCountry(JsonElement? record, GeoCountry found, string network)
    {
        Assert.True((At(record, "iso_code") ?? At(record, "code"))?.GetString() == Text(found.Code), network);
        Assert.True(At(record, "geoname_id")?.GetInt32() == found.Id, network);
        Assert.True(At(At(record, "names"), "en")?.GetString() == Text(found.Name), network);
    }

    private static JsonElement? At(JsonElement? record, string name) =>
        record is { ValueKind: JsonValueKind.Object } map && map.TryGetProperty(name, out var value) ? value : null;
}
