using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal;
using System.Text;

namespace Divolte.Grains.Sinks.Unwritten;

/// <summary>
/// Appends the events of dead letters to the journal again, once each, as if they had just been accepted: all sinks of their mappings get them.
/// A file whose events are all appended is renamed, so that it is not replayed twice.
/// </summary>
internal sealed class DeadLetterReplay(IJournal journal)
{
    private readonly ShardMap _shards = new(journal.Parameters.Shards, journal.Parameters.Queues);
    private readonly Guid _frontend = Guid.NewGuid();
    private readonly Dictionary<int, long> _epochs = [];
    private long _sequence;

    /// <summary>Replays whole files, which nobody may be writing.</summary>
    /// <param name="files">See <see cref="DeadLetterFiles.List"/>.</param>
    /// <param name="cancellationToken">Stops between two events; what was appended stays so.</param>
    /// <exception cref="JournalException">The journal did not take an event; files that are not renamed are to be replayed again.</exception>
    public async Task<ReplayOutcome> RunAsync(IEnumerable<FileInfo> files, CancellationToken cancellationToken)
    {
        var (events, repetitions) = (0L, 0L);
        var seen = new HashSet<(JournalPosition, int, int)>();
        foreach (var file in files)
        {
            await foreach (var letter in DeadLetterFiles.ReadAsync(file, cancellationToken))
            {
                // One event may lie here for several mappings, and a crash may have kept it twice.
                if (!seen.Add((letter.Position, letter.Queue, letter.Index)))
                {
                    repetitions++;
                    continue;
                }
                await AppendAsync(letter.Frame, cancellationToken);
                events++;
            }
            File.Move(file.FullName, file.FullName + DeadLetterFiles.ReplayedExtension);
        }
        return new ReplayOutcome(events, repetitions);
    }

    private async Task AppendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        var shard = _shards.ShardOf(EventFrame.ShardHashOf(frame.Span));
        if (!_epochs.TryGetValue(shard, out var epoch))
            _epochs[shard] = epoch = (await journal.ClaimAsync(shard, cancellationToken)).Epoch;
        var source = Encoding.UTF8.GetString(EventFrameReader.Parse(frame.Span)[FrameSlot.Source]);
        _sequence++;
        var outcome = await journal.AppendAsync(
            new ShardAppend(shard, epoch, _frontend, _sequence, _sequence, 1, frame, [new SourceCount(source, 1)]),
            cancellationToken);
        if (outcome.Status != AppendStatus.Appended)
            throw new JournalException($"The journal did not take a dead letter: {outcome.Status}.");
    }
}

/// <summary>What a replay did.</summary>
/// <param name="Events">Events appended.</param>
/// <param name="Repetitions">Letters left out because their event was appended for another one.</param>
internal readonly record struct ReplayOutcome(long Events, long Repetitions);
