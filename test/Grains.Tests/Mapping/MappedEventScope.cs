using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping;
using Divolte.TestKit.Events;

namespace Divolte.Grains.Tests.Mapping;

/// <summary>An event to try producers and readers on.</summary>
internal sealed class MappedEventScope
{
    private readonly byte[] _frame;

    public MappedEventScope(AFrame frame, int cacheSlots = 64)
    {
        _frame = frame.Build();
        Scratch = new EventScratch(fieldCount: 8, cacheSlots);
        Scratch.Begin();
    }

    public EventScratch Scratch { get; }

    public MappedEvent Mapped => new(EventFrameReader.Parse(_frame), Scratch);
}
