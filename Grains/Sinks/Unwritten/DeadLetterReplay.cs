using System.Text;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Unwritten;

/// <summary>
/// Puts dead letters back into the journal, for the one mapping and sink that each is of: see <see cref="ReplaySource"/>. From there they take the way of
/// every event, with the guarantees of their sink.
/// </summary>
/// <remarks>
/// The journal remembers in the same write which letters it has taken, as it does for the parts of a frontend: a file of letters is the frontend, the place
/// of a letter among those of its shard is the sequence. So a replay that was cut short goes on without repeating one, as long as the journal remembers
/// (seven days); later, or with another journal, those that it had taken come a second time. What a replay that was killed has under way is fenced by the
/// next one's claim, and so is a replay that runs at the same time.
/// </remarks>
/// <param name="journal">Nobody else's, or one that several processes share: see <see cref="IJournal.ReplayShardOf"/>.</param>
internal sealed class DeadLetterReplay(IJournal journal)
{
    /// <summary>Letters that share a write and a sync; also how often progress is told.</summary>
    private const int WindowMax = 500;

    private const int WindowBytesMax = 4 << 20;

    private readonly ShardMap _shards = new(journal.Parameters.Shards, journal.Parameters.Queues);
    private readonly Dictionary<int, ShardClaim> _claims = [];

    /// <summary>Appends every letter of a file that <see cref="ReplayStaging"/> made, and renames the file.</summary>
    /// <param name="replaying">See <see cref="DeadLetterFiles.ListReplaying"/>.</param>
    /// <param name="onProgress">Told how many letters more are in the journal.</param>
    /// <param name="cancellationToken">Stops between two writes; the next run goes on there.</param>
    /// <exception cref="JournalException">The journal did not take a letter; the next run goes on there.</exception>
    /// <exception cref="IOException">The file is another process's, or cannot be read.</exception>
    public async Task RunAsync(FileInfo replaying, Action<int> onProgress, CancellationToken cancellationToken)
    {
        using var claim = DeadLetterFiles.Claim(replaying.FullName);
        var frontend = DeadLetterFiles.IdentifierOf(replaying) ?? throw new ArgumentException("No file that a replay has made.", nameof(replaying));
        var sequences = new Dictionary<int, long>();
        var taken = new Dictionary<int, HashSet<long>>();
        var (window, bytes) = (new List<ShardAppend>(WindowMax), 0);
        await foreach (var letter in DeadLetterFiles.ReadAsync(replaying, cancellationToken))
        {
            var shard = journal.ReplayShardOf(_shards.ShardOf(EventFrame.ShardHashOf(letter.Frame.Span)));
            var sequence = sequences[shard] = sequences.GetValueOrDefault(shard) + 1;
            var owned = await ClaimAsync(shard, cancellationToken);
            if (!taken.TryGetValue(shard, out var appended))
                taken[shard] = appended = [.. owned.Redeliveries.Where(delivered => delivered.Frontend == frontend).SelectMany(delivered => delivered.Appended)];
            if (appended.Contains(sequence))
                continue;
            window.Add(AppendOf(letter, shard, owned.Epoch, frontend, sequence));
            bytes += letter.Frame.Length;
            if (window.Count < WindowMax && bytes < WindowBytesMax)
                continue;
            await AppendAsync(window, onProgress, cancellationToken);
            bytes = 0;
        }
        await AppendAsync(window, onProgress, cancellationToken);
        replaying.MoveTo(replaying.FullName.Replace(DeadLetterFiles.ReplayingExtension, DeadLetterFiles.ReplayedExtension, StringComparison.Ordinal));
        StableStorage.SyncDirectory(replaying.DirectoryName!);
    }

    private async Task AppendAsync(List<ShardAppend> window, Action<int> onProgress, CancellationToken cancellationToken)
    {
        var outcomes = await Task.WhenAll(window.Select(append => journal.AppendAsync(append, cancellationToken).AsTask()));
        if (outcomes.Any(outcome => outcome.Status != AppendStatus.Appended))
            throw new JournalException($"The journal takes no more events: {WhyNot(outcomes).TrimEnd('.')}. Run the command again when it does; it goes on where it stopped.");
        if (window.Count > 0)
            onProgress(window.Count);
        window.Clear();
    }

    private string WhyNot(AppendOutcome[] outcomes)
    {
        if (outcomes.Any(outcome => outcome.Status == AppendStatus.StaleEpoch))
            return "another replay has begun, and only one goes on at a time";
        return journal.Health is { CanAppend: false, Reason: var reason }
            ? reason
            : outcomes.First(outcome => outcome.Status != AppendStatus.Appended).Status.ToString();
    }

    private async ValueTask<ShardClaim> ClaimAsync(int shard, CancellationToken cancellationToken)
    {
        if (!_claims.TryGetValue(shard, out var claim))
            _claims[shard] = claim = (await journal.ClaimAsync(shard, cancellationToken)) with { Marks = [] };
        return claim;
    }

    private static ShardAppend AppendOf(DeadLetter letter, int shard, long epoch, Guid frontend, long sequence)
    {
        var source = ReplaySource.NameOf(letter.Sink, letter.Mapping, EventFrameReader.Parse(letter.Frame.Span)[FrameSlot.Source]);
        var frame = EventFrame.WithSource(letter.Frame.Span, source);
        return new ShardAppend(shard, epoch, frontend, sequence, SettledBelow: 1, EventCount: 1, frame, [new SourceCount(Encoding.UTF8.GetString(source), 1)]);
    }
}
