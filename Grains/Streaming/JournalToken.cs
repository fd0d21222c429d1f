using Divolte.Grains.Journal;
using Orleans;
using Orleans.Streams;

namespace Divolte.Grains.Streaming;

/// <summary>A journal position as the stream runtime sees it: the place behind what it names, ordered within a queue.</summary>
[GenerateSerializer, Immutable, Alias("divolte.journal-token")]
internal sealed class JournalToken : StreamSequenceToken
{
    public JournalToken(JournalPosition position)
    {
        Incarnation = position.Incarnation;
        SequenceNumber = position.Offset;
    }

    [Id(0)]
    public long Incarnation { get; private set; }

    [Id(1)]
    public override long SequenceNumber { get; protected set; }

    /// <summary>Positions name whole entries.</summary>
    public override int EventIndex
    {
        get => 0;
        protected set
        {
        }
    }

    public JournalPosition Position => new(Incarnation, SequenceNumber);

    public override bool Equals(StreamSequenceToken? other) => other is JournalToken token && token.Position == Position;

    public override bool Equals(object? obj) => Equals(obj as StreamSequenceToken);

    public override int GetHashCode() => Position.GetHashCode();

    public override int CompareTo(StreamSequenceToken? other)
    {
        if (other is null)
            return 1;
        if (other is not JournalToken token)
            throw new ArgumentOutOfRangeException(nameof(other), other, "A journal position compares with journal positions only.");
        var byIncarnation = Incarnation.CompareTo(token.Incarnation);
        return byIncarnation != 0 ? byIncarnation : SequenceNumber.CompareTo(token.SequenceNumber);
    }

    public override string ToString() => $"{Incarnation}:{SequenceNumber}";
}
