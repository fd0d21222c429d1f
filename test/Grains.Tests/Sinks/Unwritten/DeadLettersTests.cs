using System.Text;
using System.Text.Json;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Unwritten;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Unwritten;

public sealed class DeadLettersTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("divolte-letters-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task KeptLetter_ReadsBackAsItWas()
    {
        var letter = Letter("a", explanation: "field \"x\": no\nnumber");

        await KeepAsync(Open(), letter);

        var read = Assert.Single(await ReadAsync());
        Assert.Equal(letter with { Frame = read.Frame }, read);
        Assert.Equal(letter.Frame.ToArray(), read.Frame.ToArray());
    }

    [Fact]
    public async Task KeptLetter_IsOneLineThatPeopleCanRead()
    {
        await KeepAsync(Open(), Letter("event-7"));

        var line = Assert.Single(await File.ReadAllLinesAsync(Assert.Single(_directory.GetFiles("*.jsonl")).FullName, Token));
        var about = JsonDocument.Parse(line).RootElement;
        Assert.Equal("event-7", about.GetProperty("event").GetProperty("eventId").GetString());
        Assert.Equal("User-Agent: test", about.GetProperty("event").GetProperty("headers")[0].GetString());
        Assert.Equal("Unmappable", about.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task TextThatIsNoText_IsKeptAllTheSame()
    {
        var letter = Letter("a", explanation: "half a pair: \ud800", eventType: "\u0000\uffff");

        await KeepAsync(Open(), letter);

        Assert.Equal(letter.Frame.ToArray(), Assert.Single(await ReadAsync()).Frame.ToArray());
    }

    [Fact]
    public async Task TornLine_IsLeftOutAndTheNextStartsAnew()
    {
        await KeepAsync(Open(), Letter("a"));
        var file = Assert.Single(_directory.GetFiles("*.jsonl"));
        await File.AppendAllTextAsync(file.FullName, """{"version":1,"time":"20""", Token);

        await KeepAsync(Open(), Letter("b"));

        Assert.Equal(["a", "b"], (await ReadAsync()).Select(IdOf));
    }

    [Fact]
    public async Task FullFile_IsRotatedAndTheOldestLeaveBeyondTheTotal()
    {
        await using var letters = Open(fileBytesMax: 1, totalBytesMax: 3 * 1024);
        for (var number = 0; number < 20; number++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await letters.KeepAsync([Letter($"e{number:D2}")], Token);
        }

        var ids = (await ReadAsync()).Select(IdOf).ToList();
        Assert.Equal("e19", ids[^1]);
        Assert.InRange(ids.Count, 1, 5);
        Assert.InRange(_directory.GetFiles().Sum(file => file.Length), 1, 3 * 1024);
    }

    [Fact]
    public async Task OtherProcess_GetsAFileOfItsOwn()
    {
        await using var one = Open();
        await using var other = Open();
        await one.KeepAsync([Letter("a")], Token);
        await other.KeepAsync([Letter("b")], Token);

        Assert.Equal(2, _directory.GetFiles("*.jsonl").Length);
        Assert.Equal(["a", "b"], (await ReadAsync()).Select(IdOf).Order());
    }

    [Fact]
    public async Task FileWithoutLettersForAWhile_IsLetGoUntilTheNext()
    {
        await using var letters = Open();
        await letters.KeepAsync([Letter("a")], Token);
        var path = Assert.Single(_directory.GetFiles("*.jsonl")).FullName;
        await letters.ReleaseIdleAsync(Token);
        Assert.Throws<IOException>(() => DeadLetterFiles.Claim(path).Dispose());

        _time.Advance(DeadLetters.IdleMax);
        await letters.ReleaseIdleAsync(Token);

        await using (DeadLetterFiles.Claim(path))
            await letters.KeepAsync([Letter("b")], Token); // somebody else has the file: it gets one of its own
        Assert.Equal(2, _directory.GetFiles("*.jsonl").Length);
        _time.Advance(DeadLetters.IdleMax);
        await letters.ReleaseIdleAsync(Token);
        await letters.KeepAsync([Letter("c")], Token);
        Assert.Equal(["b", "a", "c"], (await ReadAsync()).Select(IdOf)); // the second file is listed first
    }

    [Fact]
    public async Task LockOfACurrentFile_StaysSoThatNobodyHoldsADeletedOne()
    {
        await KeepAsync(Open(), Letter("a"));
        var path = Assert.Single(_directory.GetFiles("*.jsonl")).FullName;

        await DeadLetterFiles.Claim(path).DisposeAsync();

        Assert.True(File.Exists(path + ".lock"));
        Assert.Equal(["a"], (await ReadAsync()).Select(IdOf));
    }

    [Fact]
    public async Task SinksWhoseNamesBeginAlike_AreToldApart()
    {
        await KeepAsync(Open("kafka"), Letter("a"));
        await KeepAsync(Open("kafka.eu/1"), Letter("b"));
        await KeepAsync(Open("kafka-eu"), Letter("c"));

        Assert.Equal(["a"], (await ReadAsync("kafka")).Select(IdOf));
        Assert.Equal(["b"], (await ReadAsync("kafka.eu/1")).Select(IdOf));
        Assert.Equal(3, (await ReadAsync(null)).Count);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DeadLetters Open(string sink = "sink", long fileBytesMax = 1 << 20, long totalBytesMax = 1 << 20) =>
        new(sink, _directory.FullName, _time, NullLogger<DeadLetters>.Instance, fileBytesMax, totalBytesMax);

    private static async Task KeepAsync(DeadLetters letters, params DeadLetter[] kept)
    {
        await using (letters)
            await letters.KeepAsync(kept, Token);
    }

    private async Task<List<DeadLetter>> ReadAsync(string? sink = "sink")
    {
        var letters = new List<DeadLetter>();
        foreach (var file in DeadLetterFiles.List(_directory.FullName, sink))
        {
            await foreach (var letter in DeadLetterFiles.ReadAsync(file, Token))
                letters.Add(letter);
        }
        return letters;
    }

    private DeadLetter Letter(string id, string explanation = "", string mapping = "mapping", long offset = 1, string eventType = "pageView") => new(
        _time.GetUtcNow(), "sink", mapping, DropReason.Unmappable, explanation, 0, new JournalPosition(1, offset), 0, AFrame.Of(id, eventType: eventType));

    private static string IdOf(DeadLetter letter) => IdOf(letter.Frame);

    private static string IdOf(ReadOnlyMemory<byte> frame) => Encoding.UTF8.GetString(EventFrameReader.Parse(frame.Span)[FrameSlot.EventId]);
}
