using Divolte.Grains.Mapping.Digests;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary><c>digest(…).add(…).result()</c>: always present.</summary>
/// <param name="identifier">How messages name it.</param>
/// <param name="algorithm">The digest.</param>
/// <param name="pieces">Its pieces; a script may add more after the result was taken.</param>
/// <param name="slot">Its place in the scratch.</param>
internal sealed class DigestProducer(string identifier, DigestAlgorithm algorithm, IReadOnlyList<DigestPiece> pieces, int slot)
    : CachingProducer<TextSlice>(identifier, ProducerType.Binary, slot)
{
    protected override bool TryCompute(in MappedEvent mapped, TextSlice reusable, out TextSlice value)
    {
        var buffer = mapped.Scratch.Encoded;
        var start = buffer.Length;
        foreach (var piece in pieces)
            buffer.WriteRaw(piece.Take(mapped));
        var digest = mapped.Scratch.Reserve(algorithm.Length);
        algorithm.Compute(buffer.Written[start..], digest);
        buffer.Truncate(start);
        value = mapped.Scratch.Keep(algorithm.Length);
        return true;
    }
}
