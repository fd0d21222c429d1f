using System.Text;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Spill;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Progress;

/// <summary>Where a cursor starts when somebody has to decide.</summary>
internal enum CursorStart
{
    /// <summary>At the oldest event that the journal still holds: some may arrive a second time.</summary>
    Oldest,

    /// <summary>Now: what waits is not delivered to this sink.</summary>
    Now,
}

/// <summary>
/// The stored progress of the sinks: made for a sink that is new, reported for one that left the configuration, and set by command where nobody but an
/// operator can know. An installation's first sinks start at the oldest event, so that none is missed between the first request and their start; a sink
/// that joins later starts at now.
/// </summary>
internal sealed partial class SinkCursors(IJournal journal, ILogger<SinkCursors> logger)
{
    private const int ReadBytesMax = 1 << 20;

    /// <summary>Makes sure that every sink has progress in every queue. To be called before the first event can arrive.</summary>
    /// <param name="sinks">The active sinks.</param>
    /// <param name="cancellationToken">Ends the work between two queues.</param>
    public async Task InitializeAsync(IReadOnlyCollection<string> sinks, CancellationToken cancellationToken)
    {
        var stored = await journal.ListProgressAsync(cancellationToken);
        var isFirst = stored.Count == 0;
        foreach (var sink in sinks)
        {
            for (var queue = 0; queue < journal.Parameters.Queues; queue++)
            {
                if (!stored.Any(progress => progress.Sink == sink && progress.Queue == queue))
                    await CreateAsync(sink, queue, isFirst ? CursorStart.Oldest : CursorStart.Now, isDecided: false, cancellationToken);
            }
        }
        foreach (var left in stored.Select(progress => progress.Sink).Distinct().Where(sink => !sinks.Contains(sink)))
            LogLeftBehind(left);
    }

    /// <summary>The progress of a sink in a queue; a new one if there is none.</summary>
    public async Task<SinkProgress> EnsureAsync(string sink, int queue, CancellationToken cancellationToken)
    {
        if (await journal.ReadProgressAsync(sink, queue, cancellationToken) is { } progress)
            return progress;
        var stored = await journal.ListProgressAsync(cancellationToken);
        var isFirst = stored.All(other => other.Sink == sink);
        return await CreateAsync(sink, queue, isFirst ? CursorStart.Oldest : CursorStart.Now, isDecided: false, cancellationToken);
    }

    /// <summary>Sets the progress of a sink in all queues, whatever it was. Its figures stay; no process may be running the sink.</summary>
    public async Task RestartAsync(string sink, CursorStart start, CancellationToken cancellationToken)
    {
        for (var queue = 0; queue < journal.Parameters.Queues; queue++)
            await CreateAsync(sink, queue, start, isDecided: true, cancellationToken);
    }

    /// <summary>Forgets the progress of a sink that left the configuration, so that the journal keeps nothing for it.</summary>
    public ValueTask ReleaseAsync(string sink, CancellationToken cancellationToken) => journal.ReleaseAsync(sink, cancellationToken);

    /// <summary>What an operator runs about progress that the journal can no longer place.</summary>
    public static string HowToDecide(string sink) =>
        $"Decide where to go on: \"divolte sinks restart {sink} oldest\" delivers all that the journal holds, some of it perhaps again; " +
        $"\"divolte sinks restart {sink} now\" leaves that out.";

    private async Task<SinkProgress> CreateAsync(string sink, int queue, CursorStart start, bool isDecided, CancellationToken cancellationToken)
    {
        if (start == CursorStart.Oldest && await journal.ReadProgressAsync(sink, queue, cancellationToken) is { } stored
            && stored.SpilledThrough > stored.Position.Offset)
        {
            if (stored.Position.Incarnation == journal.Incarnation)
                return stored; // the oldest that is kept for it lies in its spill files, and that is where it is
            if (stored.Claim is not null)
                return await GoOnAsync(stored, cancellationToken);
        }
        var end = await journal.GetEndAsync(queue, cancellationToken);
        var position = start == CursorStart.Oldest ? new JournalPosition(journal.Incarnation, 0) : end.Position;
        var pending = start == CursorStart.Oldest ? await CountAsync(queue, position, end.Position, cancellationToken) : [];
        var ledger = await ReadLedgerAsync(sink, queue, cancellationToken) ?? new LossLedger();
        ledger.Rebase(end.Accepted, pending);
        ledger.VoidBelowIncarnation = journal.Incarnation;
        ledger.Spilled = SpillMark.None;
        var progress = new SinkProgress(sink, queue, position, ledger.Write(journal.Parameters.Format));
        if (isDecided)
            await journal.ResetProgressAsync(progress, cancellationToken);
        else
            await journal.SaveProgressAsync(progress, cancellationToken);
        return progress;
    }

    /// <summary>
    /// Goes on in the spill files of a grid after its store has come back shorter. A store that goes back forgets the last of what it was told, and the progress
    /// is part of it: so it ends behind what this progress says is spilled, the places up to there are those of the same events, and so are their counts.
    /// </summary>
    private async Task<SinkProgress> GoOnAsync(SinkProgress stored, CancellationToken cancellationToken)
    {
        var ledger = LossLedger.Parse(stored.Ledger);
        ledger.VoidBelowIncarnation = journal.Incarnation;
        var progress = stored with { Position = stored.Position with { Incarnation = journal.Incarnation }, Ledger = ledger.Write(journal.Parameters.Format) };
        await journal.ResetProgressAsync(progress, cancellationToken);
        return progress;
    }

    private async Task<LossLedger?> ReadLedgerAsync(string sink, int queue, CancellationToken cancellationToken)
    {
        var stored = await journal.ReadProgressAsync(sink, queue, cancellationToken);
        return stored is null ? null : LossLedger.Parse(stored.Ledger);
    }

    /// <summary>The events between two positions, by source.</summary>
    private async Task<Dictionary<string, long>> CountAsync(int queue, JournalPosition after, JournalPosition end, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>();
        while (after.Offset < end.Offset)
        {
            var page = await journal.ReadAsync(queue, after, ReadBytesMax, cancellationToken);
            if (page.Entries.Count == 0)
                break;
            foreach (var entry in page.Entries.TakeWhile(entry => entry.Position.Offset <= end.Offset))
                CountEntry(entry, counts);
            after = page.Next;
        }
        return counts;
    }

    private static void CountEntry(JournalEntry entry, Dictionary<string, long> counts)
    {
        for (var rest = entry.Frames; !rest.IsEmpty;)
        {
            var frame = EventFrameReader.Parse(rest.Span);
            var source = Encoding.UTF8.GetString(frame[FrameSlot.Source]);
            counts[source] = counts.GetValueOrDefault(source) + 1;
            rest = rest[frame.Bytes.Length..];
        }
    }

    [LoggerMessage(EventIds.SinkLeftBehind, LogLevel.Warning,
        "Sink {Sink} is not active any more, and the journal keeps events for it; \"divolte sinks release {Sink}\" lets them go")]
    private partial void LogLeftBehind(string sink);
}
