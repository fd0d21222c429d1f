using System.Text;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Spill;

namespace Divolte.Grains.Sinks.Progress;

/// <summary>
/// What became of the events of one queue in one sink, by mapping. A double entry: how many came in is counted by the journal, by source; what became of
/// them is counted here as they pass. Stored with the progress, so that both always speak of the same position, across restarts. Thread-safe: status pages read it while it is written.
/// </summary>
internal sealed class LossLedger
{
    /// <summary>The version before sinks had spill files: the same without <see cref="Spilled"/>.</summary>
    private const byte VersionWithoutSpill = 1;

    private readonly Lock _lock = new();
    private readonly List<Source> _sources = [];
    private readonly List<Account> _accounts = [];

    /// <summary>
    /// What a destination confirmed under an older incarnation of the journal means nothing, because somebody has decided where to go on. 0 when nobody had to.
    /// </summary>
    public long VoidBelowIncarnation { get; set; }

    /// <summary>How far the queue's backlog is in spill files.</summary>
    public SpillMark Spilled { get; set; } = SpillMark.None;

    /// <summary>What the journal had counted at the position that the ledger speaks of, by source.</summary>
    public IReadOnlyList<SourceCount> Accepted
    {
        get
        {
            lock (_lock)
                return [.. _sources.Select(source => new SourceCount(source.Name, source.Baseline + source.Passed))];
        }
    }

    /// <summary>What the journal had counted of one source at the position that the ledger speaks of.</summary>
    /// <param name="index">See <see cref="IndexOf(string)"/>.</param>
    public long AcceptedOf(int index)
    {
        lock (_lock)
            return _sources[index].Baseline + _sources[index].Passed;
    }

    /// <summary>A ledger that starts where so many events of each source have been accepted and passed by.</summary>
    public static LossLedger Begin(IEnumerable<SourceCount> baseline)
    {
        var ledger = new LossLedger();
        foreach (var count in baseline)
            ledger._sources[ledger.IndexOf(count.Source)].Baseline = count.Events;
        return ledger;
    }

    /// <summary>Index of a source in tallies; a new one if the source is new here.</summary>
    public int IndexOf(string source)
    {
        lock (_lock)
        {
            var index = _sources.FindIndex(known => known.Name == source);
            if (index >= 0)
                return index;
            _sources.Add(new Source(source));
            return _sources.Count - 1;
        }
    }

    /// <inheritdoc cref="IndexOf(string)"/>
    public int IndexOf(ReadOnlySpan<byte> source)
    {
        lock (_lock)
        {
            for (var index = 0; index < _sources.Count; index++)
            {
                if (source.SequenceEqual(_sources[index].Utf8))
                    return index;
            }
            return IndexOf(Encoding.UTF8.GetString(source));
        }
    }

    /// <summary>
    /// Says which sources a mapping takes from here on. A mapping or source that is new joins at the current position; what a source that left had
    /// brought stays counted.
    /// </summary>
    public void Join(string mapping, Func<string, bool> takes)
    {
        lock (_lock)
        {
            var account = _accounts.Find(known => known.Mapping == mapping);
            if (account is null)
                _accounts.Add(account = new Account(mapping));
            foreach (var left in account.Since.Keys.Where(source => !takes(source)).ToList())
            {
                account.AcceptedBefore += PassedOf(left) - account.Since[left];
                account.Since.Remove(left);
            }
            foreach (var source in _sources.Where(source => takes(source.Name)))
                account.Since.TryAdd(source.Name, source.Passed);
            account.Takes = takes;
        }
    }

    /// <summary>Enters what became of a batch whose position is now confirmed.</summary>
    public void Enter(BatchTally tally)
    {
        lock (_lock)
        {
            for (var source = 0; source < tally.Passed.Count; source++)
                _sources[source].Passed += tally.Passed[source];
            foreach (var (mapping, records) in tally.Written)
                AccountOf(mapping).Written += records;
            foreach (var (mapping, reason, events) in tally.Ended)
            {
                var ended = AccountOf(mapping).Ended;
                ended[reason] = ended.GetValueOrDefault(reason) + events;
            }
            foreach (var account in _accounts.Where(account => account.Takes is not null))
            {
                // A source that is seen for the first time joins with all its events.
                foreach (var source in _sources.Where(source => account.Takes!(source.Name)))
                    account.Since.TryAdd(source.Name, 0);
            }
        }
    }

    /// <summary>Moves the baseline so that exactly these events are pending: somebody has decided where to go on.</summary>
    /// <param name="accepted">What the journal has counted so far.</param>
    /// <param name="pending">What it holds behind the new position.</param>
    public void Rebase(IEnumerable<SourceCount> accepted, IReadOnlyDictionary<string, long> pending)
    {
        lock (_lock)
        {
            foreach (var count in accepted)
            {
                var source = _sources[IndexOf(count.Source)];
                source.Baseline = count.Events - pending.GetValueOrDefault(count.Source) - source.Passed;
            }
        }
    }

    /// <summary>Events of any source that the sink has yet to pass.</summary>
    public long CountPending(IReadOnlyList<SourceCount> accepted)
    {
        lock (_lock)
            return accepted.Sum(PendingOf);
    }

    /// <summary>One line per mapping.</summary>
    /// <param name="accepted">What the journal has counted so far.</param>
    public IReadOnlyList<LedgerLine> Lines(IReadOnlyList<SourceCount> accepted)
    {
        lock (_lock)
            return [.. _accounts.Where(account => account.Takes is not null).Select(account => LineOf(account, accepted))];
    }

    /// <param name="format">The cluster's, see <see cref="GridFormat"/>.</param>
    public byte[] Write(int format)
    {
        lock (_lock)
        {
            using var bytes = new MemoryStream();
            using var writer = new BinaryWriter(bytes, Encoding.UTF8);
            writer.Write(VersionOf(format));
            writer.Write(VoidBelowIncarnation);
            writer.Write7BitEncodedInt(_sources.Count);
            foreach (var source in _sources)
            {
                writer.Write(source.Name);
                writer.Write(source.Baseline);
                writer.Write(source.Passed);
            }
            writer.Write7BitEncodedInt(_accounts.Count);
            foreach (var account in _accounts)
                account.Write(writer);
            writer.Write(Spilled.Through);
            writer.Write7BitEncodedInt(Spilled.Accepted.Count);
            foreach (var count in Spilled.Accepted)
            {
                writer.Write(count.Source);
                writer.Write(count.Events);
            }
            writer.Flush();
            return bytes.ToArray();
        }
    }

    /// <exception cref="InvalidDataException">The bytes are no ledger, or one of a later version.</exception>
    public static LossLedger Parse(ReadOnlyMemory<byte> stored)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(stored.ToArray()), Encoding.UTF8);
            var version = reader.ReadByte();
            if (version is < VersionWithoutSpill || version > VersionOf(GridFormat.Latest))
                throw new InvalidDataException($"Ledger version {version} is unknown; this release reads versions {VersionWithoutSpill} to {VersionOf(GridFormat.Latest)}.");
            var ledger = new LossLedger { VoidBelowIncarnation = reader.ReadInt64() };
            for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
                ledger._sources.Add(new Source(reader.ReadString()) { Baseline = reader.ReadInt64(), Passed = reader.ReadInt64() });
            for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
                ledger._accounts.Add(Account.Read(reader));
            if (version != VersionWithoutSpill)
                ledger.Spilled = ReadSpilled(reader);
            return ledger;
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("A stored ledger cannot be read.", exception);
        }
    }

    /// <summary>The layout is the same in all formats so far.</summary>
    private static byte VersionOf(int format) => checked((byte)(format + VersionWithoutSpill));

    private static SpillMark ReadSpilled(BinaryReader reader)
    {
        var through = reader.ReadInt64();
        var accepted = new List<SourceCount>();
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
            accepted.Add(new SourceCount(reader.ReadString(), reader.ReadInt64()));
        return new SpillMark(through, accepted);
    }

    private LedgerLine LineOf(Account account, IReadOnlyList<SourceCount> accepted)
    {
        var taken = account.AcceptedBefore;
        var pending = 0L;
        foreach (var count in accepted.Where(count => account.Takes!(count.Source)))
        {
            var source = _sources.Find(known => known.Name == count.Source);
            taken += count.Events - (source?.Baseline ?? 0) - account.Since.GetValueOrDefault(count.Source);
            pending += PendingOf(count);
        }
        return new LedgerLine(account.Mapping, taken, account.Written, new Dictionary<DropReason, long>(account.Ended), pending);
    }

    private long PendingOf(SourceCount count)
    {
        var source = _sources.Find(known => known.Name == count.Source);
        return count.Events - (source is null ? 0 : source.Baseline + source.Passed);
    }

    private long PassedOf(string source) => _sources.Find(known => known.Name == source)?.Passed ?? 0;

    private Account AccountOf(string mapping) =>
        _accounts.Find(account => account.Mapping == mapping) ?? throw new InvalidOperationException($"Mapping {mapping} has not joined the ledger.");

    private sealed class Source(string name)
    {
        public string Name { get; } = name;

        public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(name);

        /// <summary>What the journal had accepted at the start.</summary>
        public long Baseline { get; set; }

        /// <summary>What has passed the position since.</summary>
        public long Passed { get; set; }
    }

    private sealed class Account(string mapping)
    {
        public string Mapping { get; } = mapping;

        public long Written { get; set; }

        public Dictionary<DropReason, long> Ended { get; } = [];

        /// <summary>How much of each source had passed when the mapping began to take it.</summary>
        public Dictionary<string, long> Since { get; } = [];

        /// <summary>What sources have brought that the mapping no longer takes.</summary>
        public long AcceptedBefore { get; set; }

        /// <summary>Null for a mapping that is no longer configured.</summary>
        public Func<string, bool>? Takes { get; set; }

        public void Write(BinaryWriter writer)
        {
            writer.Write(Mapping);
            writer.Write(Written);
            writer.Write(AcceptedBefore);
            writer.Write7BitEncodedInt(Ended.Count);
            foreach (var (reason, events) in Ended)
            {
                writer.Write((byte)reason);
                writer.Write(events);
            }
            writer.Write7BitEncodedInt(Since.Count);
            foreach (var (source, passed) in Since)
            {
                writer.Write(source);
                writer.Write(passed);
            }
        }

        public static Account Read(BinaryReader reader)
        {
            var account = new Account(reader.ReadString()) { Written = reader.ReadInt64(), AcceptedBefore = reader.ReadInt64() };
            for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
                account.Ended.Add((DropReason)reader.ReadByte(), reader.ReadInt64());
            for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
                account.Since.Add(reader.ReadString(), reader.ReadInt64());
            return account;
        }
    }
}
