using System.Text;
using Avro.File;
using Avro.Generic;
using Divolte.Silo.Cat;
using Divolte.TestKit.Processes;
using Xunit;

namespace Divolte.Silo.Tests.Cat;

/// <summary>Files are made by the Apache.Avro library, so that its reading of the format is the one that counts.</summary>
public sealed class CatCommandTests : IDisposable
{
    private const string IdSchema = """{"type":"record","name":"Event","fields":[{"name":"id","type":"string"},{"name":"number","type":["null","long"]}]}""";

    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _errors = new() { NewLine = "\n" };

    [Theory]
    [InlineData("null")]
    [InlineData("deflate")]
    public void Records_BecomeLines(string codec)
    {
        var file = Write("a.avro", Container(codec, ("a", 1L), ("ü\n\"", null)));

        var exitCode = CatCommand.Run([file], _output, _errors);

        Assert.Equal("{\"id\":\"a\",\"number\":1}\n{\"id\":\"ü\\n\\\"\",\"number\":null}\n", _output.ToString());
        Assert.Equal("", _errors.ToString());
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public void SeveralFiles_ArePrintedInOrder()
    {
        var first = Write("b.avro", Container("null", ("first", null)));
        var second = Write("a.avro", Container("null", ("second", null)));

        CatCommand.Run([first, second], _output, _errors);

        Assert.Equal("{\"id\":\"first\",\"number\":null}\n{\"id\":\"second\",\"number\":null}\n", _output.ToString());
    }

    [Fact]
    public void StandardInput_IsReadToItsEnd()
    {
        using var input = new MemoryStream(Container("null", ("a", 1L)));

        var exitCode = CatCommand.Run([CatCommand.StandardInput], _output, _errors, input);

        Assert.Equal((0, "{\"id\":\"a\",\"number\":1}\n"), (exitCode, _output.ToString()));
    }

    [Theory]
    [InlineData("a.avro.partial", 0)] // being written: an unfinished block is ordinary
    [InlineData("a.avro", 1)] // published: it is damage
    public void EveryTornTail_PrintsTheWholeBlocksAndSaysSo(string name, int expectedExitCode)
    {
        var both = TwoBlocks("a", "b", out var firstBlockEnd);

        for (var length = firstBlockEnd + 1; length < both.Length; length++)
        {
            var file = Write(name, both[..length]);
            _output.GetStringBuilder().Clear();
            _errors.GetStringBuilder().Clear();

            var exitCode = CatCommand.Run([file], _output, _errors);

            Assert.Equal("{\"id\":\"a\",\"number\":null}\n", _output.ToString());
            Assert.Contains($"up to byte {firstBlockEnd}", _errors.ToString(), StringComparison.Ordinal);
            Assert.Equal(expectedExitCode, exitCode);
        }
    }

    [Fact]
    public void FileOpenForWriting_IsReadUpToItsLastWholeBlock()
    {
        var bytes = Container("null", ("a", 1L));
        var file = Path.Combine(_folder.Path, "open.avro.partial");
        using var writer = File.OpenHandle(file, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        RandomAccess.Write(writer, bytes, 0);

        Assert.Equal(0, CatCommand.Run([file], _output, _errors));
        Assert.Equal("{\"id\":\"a\",\"number\":1}\n", _output.ToString());
    }

    [Fact]
    public void HeaderOnly_IsAFileWithoutRecords()
    {
        var file = Write("empty.avro", Container("null"));

        Assert.Equal(0, CatCommand.Run([file], _output, _errors));
        Assert.Equal("", _output.ToString() + _errors);
    }

    [Theory]
    [InlineData("", "no Avro container")]
    [InlineData("PK\u0003\u0004 something else", "no Avro container")]
    [InlineData("Obj\u0001", "header is cut short")]
    [InlineData("Obj\u0001\u0002", "header is cut short")]
    public void NoAvroFile_IsNamedAndTheOthersArePrinted(string content, string reason)
    {
        var bad = Write("bad.avro", Encoding.Latin1.GetBytes(content));
        var good = Write("good.avro", Container("null", ("a", 1L)));

        var exitCode = CatCommand.Run([bad, good], _output, _errors);

        Assert.Equal(1, exitCode);
        Assert.Contains(bad, _errors.ToString(), StringComparison.Ordinal);
        Assert.Contains(reason, _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal("{\"id\":\"a\",\"number\":1}\n", _output.ToString());
    }

    [Fact]
    public void MissingFileAndDirectory_AreNamed()
    {
        var missing = Path.Combine(_folder.Path, "none.avro");

        Assert.Equal(1, CatCommand.Run([missing, _folder.Path], _output, _errors));

        var lines = _errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains(missing, lines[0], StringComparison.Ordinal);
        Assert.Contains("directory", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownCodec_IsNamed()
    {
        var header = new List<byte>(Encoding.ASCII.GetBytes("Obj\u0001"));
        header.Add(4); // two entries
        foreach (var text in new[] { "avro.schema", IdSchema, "avro.codec", "snappy" })
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            for (var rest = bytes.Length * 2; ; rest >>= 7)
            {
                header.Add((byte)(rest >= 0x80 ? rest | 0x80 : rest));
                if (rest < 0x80)
                    break;
            }
            header.AddRange(bytes);
        }
        header.AddRange(new byte[17]);

        Assert.Equal(1, CatCommand.Run([Write("snappy.avro", [.. header])], _output, _errors));
        Assert.Contains("snappy", _errors.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Whatever a disk makes of a file, it ends in an exit code and a reason.</summary>
    [Fact]
    public void DamagedBytes_NeverEndInAnException()
    {
        var random = new Random(20);
        var container = Container("deflate", [.. Enumerable.Range(0, 50).Select(number => ($"event {number}", (long?)number))]);

        for (var attempt = 0; attempt < 500; attempt++)
        {
            var damaged = (byte[])container.Clone();
            for (var change = random.Next(1, 5); change > 0; change--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Assert.InRange(CatCommand.Run([CatCommand.StandardInput], _output, _errors, new MemoryStream(damaged)), 0, 1);
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _errors.Dispose();
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Container(string codec, params (string Id, long? Number)[] events)
    {
        var stream = new MemoryStream();
        using (var writer = WriterOver(stream, codec))
        {
            foreach (var (id, number) in events)
                writer.Append(Record(id, number));
        }
        return stream.ToArray();
    }

    private static byte[] TwoBlocks(string first, string second, out int firstBlockEnd)
    {
        var stream = new MemoryStream();
        using var writer = WriterOver(stream, "null");
        writer.Append(Record(first, null));
        writer.Sync();
        writer.Flush();
        firstBlockEnd = (int)stream.Length;
        writer.Append(Record(second, null));
        writer.Sync();
        writer.Flush();
        return stream.ToArray();
    }

    private static IFileWriter<GenericRecord> WriterOver(Stream stream, string codec) =>
        DataFileWriter<GenericRecord>.OpenWriter(
            new GenericDatumWriter<GenericRecord>(Avro.Schema.Parse(IdSchema)), stream, Codec.CreateCodecFromString(codec), leaveOpen: true);

    private static GenericRecord Record(string id, long? number)
    {
        var record = new GenericRecord((Avro.RecordSchema)Avro.Schema.Parse(IdSchema));
        record.Add("id", id);
        record.Add("number", number);
        return record;
    }
}
