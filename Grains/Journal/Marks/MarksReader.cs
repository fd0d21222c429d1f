using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal.Segments;
using Divolte.Grains.Journal.Writing;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Journal.Marks;

/// <summary>Completes a claim: one slice of each summary, never a whole log.</summary>
internal sealed partial class MarksReader(IStableFiles files, ILogger logger)
{
    public async ValueTask<ShardClaim> ReadAsync(int shard, ClaimedShard claimed, CancellationToken cancellationToken)
    {
        var marks = new List<EventMark>();
        foreach (var older in claimed.OlderMarks)
        {
            if (!await TryReadAsync(older, shard, marks, cancellationToken))
                LogMarksLost(older.Name, shard);
        }
        marks.AddRange(claimed.NewerMarks);
        return new ShardClaim(claimed.Epoch, claimed.Now, marks, claimed.Redeliveries);
    }

    private async ValueTask<bool> TryReadAsync(MarksFile older, int shard, List<EventMark> marks, CancellationToken cancellationToken)
    {
        try
        {
            using var file = files.Open(older.Name);
            if (SegmentSummary.Read(file) is not { } summary)
                return false;
            foreach (var slice in summary.Slices)
            {
                if (slice.Shard != shard)
                    continue;
                if (await slice.Section.ReadAsync(file, cancellationToken) is not { } bytes)
                    return false;
                slice.CopyTo(marks, bytes);
            }
            return true;
        }
        catch (FileNotFoundException)
        {
            // Freed since the claim, because the memory no longer wants it.
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    [LoggerMessage(EventIds.JournalMarksLost, LogLevel.Error, "The marks in the journal file {File} cannot be read; shard {Shard} may take repeated events for new ones")]
    private partial void LogMarksLost(string file, int shard);
}
