using System.Net;
using Divolte.Grains.Journal;
using Divolte.Grains.Streaming;
using Divolte.Grains.Tests.Sinks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Orleans.Streams;
using Xunit;

namespace Divolte.Grains.Tests.Streaming;

public sealed class JournalReceiverTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryJournal _journal = new(queues: 1);
    private readonly JournalWindow _window = new(JournalWindows.BytesMax);
    private readonly JournalReceiver _receiver;

    public JournalReceiverTests() => _receiver = new JournalReceiver(
        "sink", 0, _journal, (_, queue, after, bytesMax, token) => _journal.ReadAsync(queue, after, bytesMax, token), _window, new JournalWindows(), new ReadyConsumer(), SiloAddress.New(IPAddress.Loopback, 1, 1), _time, NullLogger<JournalReceiver>.Instance);

    private TimeSpan GatherPeriod => ((IJournal)_journal).GatherPeriod;

    private int GatherBytes => ((IJournal)_journal).GatherBytes;

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task FirstEvent_IsReadAtOnce()
    {
        await AppendAsync("a");

        Assert.Equal(1, EventsOf(await ReadAsync()));
    }

    [Fact]
    public async Task EventAfterAPause_IsReadAtOnce()
    {
        await AppendAsync("a");
        await ReadAsync();
        var next = ReadAsync();
        _time.Advance(GatherPeriod);

        await AppendAsync("b");

        Assert.Equal(1, EventsOf(await next)); // the clock stands still
    }

    [Fact]
    public async Task EventsInQuickSuccession_AreReadTogether()
    {
        await AppendAsync("a");
        await ReadAsync();

        var next = ReadAsync();
        await AppendAsync("b");
        _time.Advance(GatherPeriod - TimeSpan.FromMilliseconds(1));
        await AppendAsync("c");
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(2, EventsOf(await next));
        Assert.Equal(2, _journal.Reads);
    }

    [Fact]
    public async Task MoreThanOneReadBrings_IsReadWithoutAPause()
    {
        for (var number = 0; number < 3; number++)
            await _journal.AppendAsync(AFrame.Append(0, AFrame.Of($"e{number}", eventType: new string(' ', GatherBytes * 3 / 4))), Token);

        for (var number = 0; number < 3; number++)
            Assert.Equal(1, EventsOf(await ReadAsync())); // the clock stands still
    }

    [Fact]
    public async Task Reader_StopsWhileItGathers()
    {
        await AppendAsync("a");
        await ReadAsync();
        var next = _receiver.GetQueueMessagesAsync(int.MaxValue, Token);

        await _receiver.Shutdown(Patience);

        Assert.Empty(await next.WaitAsync(Patience, Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task AppendAsync(string id) => _journal.AppendAsync(AFrame.Append(0, AFrame.Of(id)), Token).AsTask();

    /// <summary>As the pulling agent does: read, then put into the window.</summary>
    private async Task<JournalBatch> ReadAsync()
    {
        var messages = await _receiver.GetQueueMessagesAsync(int.MaxValue, Token).WaitAsync(Patience, Token);
        new JournalQueueCache(_window).AddToCache(messages);
        return Assert.IsType<JournalBatch>(Assert.Single(messages));
    }

    private static int EventsOf(JournalBatch batch) => batch.Entries.Sum(entry => entry.EventCount);

    /// <summary>A sink that confirms nothing and wants everything from the start.</summary>
    private sealed class ReadyConsumer : IQueueConsumerGrain
    {
        public Task<QueueStart> AttachAsync(SiloAddress reader) => Task.FromResult(QueueStart.At(new JournalPosition(1, 0)));
    }
}
