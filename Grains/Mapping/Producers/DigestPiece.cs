using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary>One piece of a digest: appends its bytes, or nothing when it is absent.</summary>
/// <param name="source">A string, bytes or JSON; null for a literal.</param>
/// <param name="literal">The literal.</param>
/// <param name="slot">Where an event remembers that the piece was used; null when it counts every time.</param>
internal sealed class DigestPiece(ValueProducer? source, byte[] literal, int? slot)
{
    /// <summary>
    /// The bytes. Upstream uses each piece (by its text) only once per event and takes it as empty from then on; existing pseudonyms depend on that.
    /// </summary>
    public ReadOnlySpan<byte> Take(in MappedEvent mapped)
    {
        if (slot is { } place)
        {
            var used = mapped.Scratch.Cached<bool>(place);
            if (used.Stamp == mapped.Scratch.Stamp)
                return default;
            used.Stamp = mapped.Scratch.Stamp;
        }
        switch (source)
        {
            case null:
                return literal;
            case ValueProducer<TextSlice> text:
                return text.TryRead(mapped, out var slice) ? mapped.Read(slice) : default;
            case ValueProducer<int> json when json.TryRead(mapped, out var node):
                // Arrays and objects add nothing.
                JsonScalar.TryGetText(mapped.Scratch.Json[node], mapped.Scratch, out var scalar);
                return mapped.Read(scalar);
            default:
                return default;
        }
    }
}
