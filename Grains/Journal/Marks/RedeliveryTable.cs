using System.Text;

namespace Divolte.Grains.Journal.Marks;

/// <summary>
/// Which parts each shard has appended, by frontend, as far as they may be delivered again. Sequences are kept as ranges: a frontend that keeps one
/// part in its spool for hours costs one range, not a list of all parts since. Belongs to the writer.
/// </summary>
/// <param name="shards">Number of shards.</param>
internal sealed class RedeliveryTable(int shards)
{
    /// <summary>A spool may be sent after days; a frontend that has been silent for longer has gone for good.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromDays(7);

    /// <summary>Frontends that a shard remembers at most: each start of a process is a new one.</summary>
    public const int FrontendsPerShardMax = 1024;

    /// <summary>Ranges per frontend and shard at most; the lowest are forgotten beyond it.</summary>
    public const int RangesMax = 4096;

    private readonly Dictionary<Guid, Deliveries>[] _frontends = new Dictionary<Guid, Deliveries>[shards];

    public void Add(int shard, Guid frontend, long sequence, long settledBelow, long ticks)
    {
        var frontends = _frontends[shard] ??= [];
        if (!frontends.TryGetValue(frontend, out var deliveries))
        {
            Forget(frontends, ticks);
            frontends.Add(frontend, deliveries = new Deliveries());
        }
        deliveries.Add(sequence, settledBelow, ticks);
    }

    public IReadOnlyList<FrontendRedelivery> Of(int shard) =>
        [.. (_frontends[shard] ?? []).Select(pair => pair.Value.ToRedelivery(pair.Key))];

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        for (var shard = 0; shard < _frontends.Length; shard++)
        {
            if (_frontends[shard] is not { Count: > 0 } frontends)
                continue;
            writer.Write(shard);
            writer.Write(frontends.Count);
            foreach (var (frontend, deliveries) in frontends)
            {
                writer.Write(frontend.ToByteArray());
                deliveries.Write(writer);
            }
        }
        writer.Write(-1);
        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; the bytes have passed their checksum.</summary>
    public static RedeliveryTable Parse(byte[] bytes, int shards)
    {
        var table = new RedeliveryTable(shards);
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        for (var shard = reader.ReadInt32(); shard >= 0; shard = reader.ReadInt32())
        {
            var frontends = table._frontends[shard] = [];
            for (var left = reader.ReadInt32(); left > 0; left--)
                frontends.Add(new Guid(reader.ReadBytes(16)), Deliveries.Read(reader));
        }
        return table;
    }

    private static void Forget(Dictionary<Guid, Deliveries> frontends, long ticks)
    {
        foreach (var (frontend, deliveries) in frontends)
        {
            if (deliveries.LastTicks < ticks - SilenceMax.Ticks)
                frontends.Remove(frontend);
        }
        while (frontends.Count >= FrontendsPerShardMax)
            frontends.Remove(frontends.MinBy(pair => pair.Value.LastTicks).Key);
    }

    private sealed class Deliveries
    {
        private readonly List<SequenceRange> _ranges = [];
        private long _settledBelow;

        public long LastTicks { get; private set; }

        public void Add(long sequence, long settledBelow, long ticks)
        {
            LastTicks = Math.Max(LastTicks, ticks);
            Insert(sequence);
            if (settledBelow > _settledBelow)
                Settle(settledBelow);
        }

        public FrontendRedelivery ToRedelivery(Guid frontend)
        {
            var appended = new List<long>();
            foreach (var range in _ranges)
            {
                for (var sequence = range.First; sequence <= range.Last; sequence++)
                    appended.Add(sequence);
            }
            return new FrontendRedelivery(frontend, _settledBelow, appended, new DateTimeOffset(LastTicks, TimeSpan.Zero));
        }

        public void Write(BinaryWriter writer)
        {
            writer.Write(_settledBelow);
            writer.Write(LastTicks);
            writer.Write(_ranges.Count);
            foreach (var range in _ranges)
            {
                writer.Write(range.First);
                writer.Write(range.Last);
            }
        }

        public static Deliveries Read(BinaryReader reader)
        {
            var deliveries = new Deliveries { _settledBelow = reader.ReadInt64(), LastTicks = reader.ReadInt64() };
            for (var left = reader.ReadInt32(); left > 0; left--)
                deliveries._ranges.Add(new SequenceRange(reader.ReadInt64(), reader.ReadInt64()));
            return deliveries;
        }

        private void Insert(long sequence)
        {
            if (sequence < _settledBelow)
                return;
            // Parts arrive nearly in order, so the place is nearly always the end.
            var at = _ranges.Count;
            while (at > 0 && _ranges[at - 1].First > sequence)
                at--;
            if (at > 0 && _ranges[at - 1].Last >= sequence)
                return;
            var joinsBefore = at > 0 && _ranges[at - 1].Last == sequence - 1;
            var joinsAfter = at < _ranges.Count && _ranges[at].First == sequence + 1;
            if (joinsBefore && joinsAfter)
            {
                _ranges[at - 1] = new SequenceRange(_ranges[at - 1].First, _ranges[at].Last);
                _ranges.RemoveAt(at);
            }
            else if (joinsBefore)
            {
                _ranges[at - 1] = new SequenceRange(_ranges[at - 1].First, sequence);
            }
            else if (joinsAfter)
            {
                _ranges[at] = new SequenceRange(sequence, _ranges[at].Last);
            }
            else
            {
                _ranges.Insert(at, new SequenceRange(sequence, sequence));
                if (_ranges.Count > RangesMax)
                    _ranges.RemoveAt(0);
            }
        }

        private void Settle(long settledBelow)
        {
            _settledBelow = settledBelow;
            var gone = 0;
            while (gone < _ranges.Count && _ranges[gone].Last < settledBelow)
                gone++;
            _ranges.RemoveRange(0, gone);
            if (_ranges.Count > 0 && _ranges[0].First < settledBelow)
                _ranges[0] = new SequenceRange(settledBelow, _ranges[0].Last);
        }
    }

    private readonly record struct SequenceRange(long First, long Last);
}
