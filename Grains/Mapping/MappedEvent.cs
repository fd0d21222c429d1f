using System.Diagnostics.CodeAnalysis;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>One event on its way through a program: its frame, and the scratch that holds what is derived from it.</summary>
internal readonly ref struct MappedEvent(EventFrameReader frame, EventScratch scratch)
{
    public readonly EventFrameReader Frame = frame;

    public EventScratch Scratch { get; } = scratch;

    public ReadOnlySpan<byte> Read(TextSlice text) => text.Read(Frame.Bytes);

    /// <summary>Ends the mapping of this event: no record can be made of it. Returns false, for a producer to hand on as "absent".</summary>
    /// <param name="reason">For the dead letter.</param>
    public bool Fail(string reason)
    {
        Scratch.Failure ??= reason;
        return false;
    }
}
