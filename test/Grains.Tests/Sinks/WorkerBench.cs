using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Mapping;
using Divolte.Grains.Schemas;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Unwritten;
using Divolte.Grains.Streaming;
using Divolte.Grains.Telemetry;
using Divolte.Grains.Tests.Streaming;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Divolte.Grains.Tests.Sinks;

/// <summary>A worker with a journal in memory, a scripted sink and a clock that only the test moves. Delivers what the journal has, as a reader would.</summary>
internal sealed class WorkerBench : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("divolte-worker-");
    private readonly GridMetrics _metrics = new();
    private readonly List<IAsyncDisposable> _opened = [];

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public MemoryJournal Journal { get; init; } = new(queues: 1);

    public ScriptedSink Sink { get; init; } = new();

    public List<SinkMapping> Mappings { get; } = [Mapping("mapping")];

    public DirectoryInfo DeadLetterDirectory => _directory;

    public List<JournalPosition> Confirmations { get; } = [];

    public SinkCursors Cursors => new(Journal, NullLogger<SinkCursors>.Instance);

    /// <summary>
    /// A mapping whose record is the event's id. Events of type <c>bad</c> cannot be mapped, <c>throw</c> shows a bug, and repeated ones are discarded
    /// if asked for.
    /// </summary>
    public static SinkMapping Mapping(string name, string source = AFrame.Browser, bool discardsDuplicates = false) => new(
        new MappingSchema(name, "{}", null),
        candidate => candidate.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(source)),
        (in EventFrameReader frame, FrameBuffer output) => MapId(frame, output, discardsDuplicates));

    /// <summary>What a worker needs around it, with nobody who hears what is confirmed.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="letters">Takes the dead letters of every mapping.</param>
    /// <param name="metrics">The counters.</param>
    /// <param name="time">The clock.</param>
    /// <param name="retryFirst">The first pause after trouble; the longest is ten times that.</param>
    public static SinkWorkerServices Services(IJournal journal, DeadLetters letters, GridMetrics metrics, TimeProvider time, TimeSpan retryFirst) => new(
        journal,
        _ => letters,
        static (_, _, _) => { },
        () => new RetryDelay(retryFirst, 10 * retryFirst, new Random(1)),
        metrics,
        time,
        NullLogger<SinkWorker>.Instance);

    /// <summary>A new worker, as after a start of the process.</summary>
    public async Task<SinkWorker> StartAsync()
    {
        await Cursors.InitializeAsync([Sink.Name], default);
        var letters = new DeadLetters(Sink.Name, _directory.FullName, Time, NullLogger<DeadLetters>.Instance);
        var services = Services(Journal, letters, _metrics, Time, TimeSpan.FromSeconds(1)) with { Confirmed = (_, _, position) => Confirmations.Add(position) };
        var worker = new SinkWorker(Sink, (await Journal.ReadProgressAsync(Sink.Name, 0, default))!, Mappings, services);
        _opened.Add(worker);
        _opened.Add(letters);
        worker.Start();
        return worker;
    }

    public Task AppendAsync(params byte[][] frames) => Journal.AppendAsync(AFrame.Append(0, frames), default).AsTask();

    public Task AppendManyAsync(string prefix, int count) => Journal.AppendAsync(AFrame.Many(0, prefix, count), default).AsTask();

    /// <summary>Delivers what lies behind what the worker has taken.</summary>
    public async Task DeliverAsync(SinkWorker worker, int bytesMax = int.MaxValue)
    {
        while (true)
        {
            var after = worker.Taken;
            var page = await Journal.ReadAsync(0, after, bytesMax, default);
            if (page.Entries.Count == 0)
                return;
            await worker.AcceptAsync(new JournalBatch(JournalStream.StreamOf(Sink.Name, 0), after, page));
        }
    }

    /// <summary>Moves the clock step by step until the task is done.</summary>
    public async Task AdvanceUntilAsync(Task task)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!task.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            Time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }
        await task;
    }

    public static Task StopAsync(SinkWorker worker) => worker.StopAsync(TimeSpan.FromDays(1));

    public async Task<LedgerLine> LedgerAsync(SinkWorker worker, string mapping = "mapping") =>
        worker.Describe(await Journal.GetEndAsync(0, default)).Ledger.Single(line => line.Mapping == mapping);

    public async Task<List<DeadLetter>> ReadDeadLettersAsync()
    {
        var letters = new List<DeadLetter>();
        foreach (var file in DeadLetterFiles.List(_directory.FullName, Sink.Name))
        {
            await foreach (var letter in DeadLetterFiles.ReadAsync(file, default))
                letters.Add(letter);
        }
        return letters;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened)
            await opened.DisposeAsync();
        _metrics.Dispose();
        _directory.Delete(recursive: true);
    }

    private static MapOutcome MapId(in EventFrameReader frame, FrameBuffer output, bool discardsDuplicates)
    {
        if (discardsDuplicates && frame.Flags.HasFlag(FrameFlags.Duplicate))
            return new MapOutcome(DropReason.DiscardedDuplicate, "");
        var id = frame[FrameSlot.EventId];
        id.CopyTo(output.Append(id.Length));
        if (frame[FrameSlot.EventType].SequenceEqual("throw"u8))
            throw new InvalidCastException("a bug");
        return frame[FrameSlot.EventType].SequenceEqual("bad"u8) ? new MapOutcome(DropReason.Unmappable, "field x: no number") : MapOutcome.Mapped;
    }
}
