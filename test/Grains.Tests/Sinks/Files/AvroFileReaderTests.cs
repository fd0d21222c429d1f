using System.Text;
using CsCheck;
using Divolte.Grains.Sinks.Files;
using Divolte.TestKit.Sinks;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Files;

/// <summary>What <see cref="AvroDataFile"/> writes, read back; the Apache.Avro library is the judge of both in <see cref="FileSinkTests"/> and here.</summary>
public sealed class AvroFileReaderTests
{
    private static readonly byte[] Marker = [.. Enumerable.Range(1, AvroDataFile.MarkerLength).Select(number => (byte)number)];

    [Fact]
    public void RandomRecords_AreReadBackByUsAndByTheLibrary() =>
        Gen.Select(Gen.Int[0, 300], Gen.Int[1, 40], Gen.Int[0, 60]).Sample((records, blockRecordsMax, length) =>
        {
            var ids = Enumerable.Range(0, records).Select(number => $"{number}-{new string('x', length)}"[..Math.Min(60, $"{number}-".Length + length)]).ToArray();
            var bytes = ContainerOf(blockRecordsMax, ids);

            Assert.Equal(ids, IdsOf(bytes, out var reader));
            Assert.Equal((bytes.Length, ""), ((int)reader.GoodLength, reader.TailProblem));
            Assert.Equal(ids, AFileSink.IdsOf(bytes));
        }, iter: 50);

    [Fact]
    public void Block_HoldsNoMoreRecordsThanAllowed()
    {
        var reader = AvroFileReader.Open(new MemoryStream(ContainerOf(2, "a", "b", "c")));

        Assert.True(reader.TryReadBlock(out var first, out _));
        Assert.True(reader.TryReadBlock(out var second, out _));
        Assert.False(reader.TryReadBlock(out _, out _));
        Assert.Equal((2, 1), (first, second));
    }

    [Fact]
    public void EveryCut_EndsAtTheLastWholeBlock()
    {
        var bytes = ContainerOf(1, "a", "b", "c");
        var headerLength = AvroDataFile.HeaderOf(SinkCompliance.Schema.Json, Marker).Length;
        var blockLength = (bytes.Length - headerLength) / 3;

        for (var length = headerLength; length <= bytes.Length; length++)
        {
            var ids = IdsOf(bytes[..length], out var reader);

            var whole = (length - headerLength) / blockLength;
            Assert.Equal(whole, ids.Count);
            Assert.Equal(headerLength + whole * blockLength, reader.GoodLength);
            Assert.Equal(length == reader.GoodLength, reader.TailProblem.Length == 0);
        }
    }

    [Fact]
    public void EveryCutHeader_IsNoContainer()
    {
        var header = AvroDataFile.HeaderOf(SinkCompliance.Schema.Json, Marker);

        for (var length = 0; length < header.Length; length++)
            Assert.Throws<InvalidDataException>(() => AvroFileReader.Open(new MemoryStream(header[..length])));
    }

    [Fact]
    public void WrongMarker_EndsTheReading()
    {
        var bytes = ContainerOf(1, "a", "b");
        bytes[^1] ^= 1;

        Assert.Equal(["a"], IdsOf(bytes, out var reader));
        Assert.Contains("marker", reader.TailProblem, StringComparison.Ordinal);
    }

    [Fact]
    public void Header_HoldsTheSchemaAndNothingElse()
    {
        using var reader = Avro.File.DataFileReader<Avro.Generic.GenericRecord>.OpenReader(new MemoryStream(ContainerOf(1)));

        Assert.Equal(["avro.schema"], reader.GetMetaKeys());
        Assert.Equal(SinkCompliance.Schema.Json, reader.GetMetaString("avro.schema"));
    }

    private static byte[] ContainerOf(int blockRecordsMax, params string[] ids)
    {
        var store = new PowerLossFileStore(new Random(1));
        store.CreateDirectory("/open");
        using (var file = AvroDataFile.Begin(store.Create("/open/a"), SinkCompliance.Schema.Json, Marker, blockRecordsMax))
        {
            foreach (var id in ids)
                file.Append(SinkCompliance.EncodeId(id));
            file.Sync();
        }
        return store.BytesOf("/open/a");
    }

    private static List<string> IdsOf(byte[] container, out AvroFileReader reader)
    {
        reader = AvroFileReader.Open(new MemoryStream(container));
        var ids = new List<string>();
        while (reader.TryReadBlock(out var count, out var records))
        {
            for (var position = 0; count > 0; count--, position += 1 + records[position] / 2)
                ids.Add(Encoding.UTF8.GetString(records, position + 1, records[position] / 2));
        }
        return ids;
    }
}
