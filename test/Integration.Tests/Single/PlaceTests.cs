using Divolte.TestKit.Geo;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Single;

/// <summary>Places in a running process, whose database is replaced under it.</summary>
public sealed class PlaceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const string Schema = """
        {"type": "record", "name": "Event", "fields": [
          {"name": "location", "type": "string"}, {"name": "partyId", "type": "string", "default": "nowhere"}, {"name": "detectedDuplicate", "type": "boolean"}]}
        """;

    private const string Script = """
        mapping {
          map location() onto 'location'
          map duplicate() onto 'detectedDuplicate'
          map ip2geo().cityName() onto 'partyId'
        }
        """;

    [Fact]
    public async Task DatabaseReplacedWhileRunning_ServesTheNextEvents()
    {
        using var folder = new TemporaryFolder();
        var database = Path.Combine(folder.Path, "city.mmdb");
        await File.WriteAllBytesAsync(database, Database("Amsterdam"), TestContext.Current.CancellationToken);
        await using var silo = await SingleSilo.StartAsync(folder, Settings(folder, database));
        await SendAsync(silo, 1, "2.1.2.3");
        await SendAsync(silo, 2, "9.9.9.9");
        Assert.Equal(["Amsterdam", "nowhere"], (await silo.WaitForRecordsAsync(2)).OrderBy(record => record.Number).Select(record => record.PartyId));

        await File.WriteAllBytesAsync(database + ".new", Database("Bussum"), TestContext.Current.CancellationToken);
        File.Move(database + ".new", database, overwrite: true);
        await silo.Process.WaitForOutputAsync("The file of places has changed", Patience);
        await SendAsync(silo, 3, "2.1.2.3");

        Assert.Equal("Bussum", (await silo.WaitForRecordsAsync(3)).Single(record => record.Number == 3).PartyId);
    }

    [Fact]
    public async Task BrokenDatabase_StopsTheStartWithItsName()
    {
        using var folder = new TemporaryFolder();
        var database = GeoDatabases.PathOf("GeoIP2-City-Test-Broken-Double-Format.mmdb");

        await using var process = SiloProcess.Launch(Settings(folder, database));

        Assert.Equal(1, await process.WaitForExitAsync(Patience));
        Assert.Contains(database, process.Output, StringComparison.Ordinal);
    }

    private static SiloProcessSettings Settings(TemporaryFolder folder, string database) => SingleSilo.Settings(
        folder,
        $$"""server.use_x_forwarded_for = true, mapper.ip2geo_database = "{{database}}" """,
        mapping: $$"""schema_file = "{{folder.Write("event.avsc", Schema)}}", mapping_script_file = "{{folder.Write("mapping.groovy", Script)}}" """);

    private static byte[] Database(string city) =>
        new GeoDatabaseBuilder().Add("2.0.0.0/8", new Dictionary<string, object> { ["city"] = city }).Build();

    private static async Task SendAsync(SingleSilo silo, long number, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, silo.Public(SingleSilo.PageView(number).Target));
        request.Headers.Add("X-Forwarded-For", address);
        using var answer = await silo.SendAsync(request);
        Assert.Equal(200, (int)answer.StatusCode);
    }
}
