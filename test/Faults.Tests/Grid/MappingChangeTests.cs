using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>Which mapping an event gets when the script changes while it waits: the one that is loaded where and when it is mapped.</summary>
public sealed class MappingChangeTests(ITestOutputHelper output)
{
    private const string Schema = """
        { "type": "record", "name": "Waiting", "namespace": "test", "fields": [
          { "name": "detectedDuplicate", "type": "boolean" }, { "name": "location", "type": "string" }, { "name": "partyId", "type": "string" } ] }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task BacklogFromBeforeAChangedMapping_IsMappedByTheNewOne()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 1, output, Cancellation, mapping: WriteFiles);
        var before = new SentEvents();
        await grid.NewFleet(before, events: 300, seed: 51).RunAsync(Cancellation);
        await Ledger.WaitUntilNothingPendsAsync(grid.Silos[0], _ => true, Cancellation);
        grid.Kafka.Kill();
        var waiting = new SentEvents();
        await grid.NewFleet(waiting, events: 300, seed: 52, firstNumber: 1000).RunAsync(Cancellation);

        await grid.Silos[0].StopAsync(TimeSpan.FromSeconds(60));
        grid.TakeOut(grid.Silos[0]);
        WriteScript(grid.Folder, "'new mapping'");
        grid.Kafka.Restart();
        var after = await grid.AddSiloAsync(Cancellation);

        await Ledger.WaitUntilNothingPendsAsync(after, _ => true, Cancellation);
        var delivered = grid.ReadDelivered("once", Avro.Schema.Parse(Schema));
        Assert.Empty(DeliveryComparison.FindBreaches(before, delivered, isExactlyOnce: true, isOrdered: false));
        Assert.Empty(DeliveryComparison.FindBreaches(waiting, delivered, isExactlyOnce: true, isOrdered: false));
        Assert.All(delivered, one => Assert.Equal(one.Number < 1000 ? "old mapping" : "new mapping", one.PartyId));
    }

    private static string WriteFiles(TemporaryFolder folder)
    {
        WriteScript(folder, "'old mapping'");
        return $"schema_file = \"{folder.Write("waiting.avsc", Schema)}\", mapping_script_file = \"{Path.Combine(folder.Path, "waiting.groovy")}\"";
    }

    private static void WriteScript(TemporaryFolder folder, string partyId) => folder.Write("waiting.groovy", $$"""
        mapping {
          map duplicate() onto 'detectedDuplicate'
          map location() onto 'location'
          map {{partyId}} onto 'partyId'
        }
        """);
}
