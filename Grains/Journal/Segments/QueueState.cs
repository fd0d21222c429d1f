using System.Runtime.InteropServices;

namespace Divolte.Grains.Journal.Segments;

/// <summary>What a queue has taken so far.</summary>
internal sealed class QueueState
{
    /// <summary>Logical offset behind its last entry; 0 before the first.</summary>
    public long End { get; set; }

    /// <summary>Events ever appended, by source.</summary>
    public Dictionary<string, long> Accepted { get; } = [];

    public void Add(string source, long events) => CollectionsMarshal.GetValueRefOrAddDefault(Accepted, source, out _) += events;

    public QueueState Copy()
    {
        var copy = new QueueState { End = End };
        foreach (var (source, events) in Accepted)
            copy.Accepted.Add(source, events);
        return copy;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(End);
        writer.Write(Accepted.Count);
        foreach (var (source, events) in Accepted)
        {
            writer.Write(source);
            writer.Write(events);
        }
    }

    public static QueueState Read(BinaryReader reader)
    {
        var state = new QueueState { End = reader.ReadInt64() };
        for (var left = reader.ReadInt32(); left > 0; left--)
            state.Accepted.Add(reader.ReadString(), reader.ReadInt64());
        return state;
    }
}
