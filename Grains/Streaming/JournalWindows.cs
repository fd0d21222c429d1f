using System.Collections.Concurrent;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Streaming;

/// <summary>The windows of this silo, so that a sink that runs beside its reader makes room in it at once.</summary>
internal sealed class JournalWindows
{
    /// <summary>Bytes of one queue that are in memory for one sink, at most, beyond one batch.</summary>
    public const long BytesMax = 4 << 20;

    private readonly ConcurrentDictionary<(string Sink, int Queue), JournalWindow> _windows = new();

    /// <summary>A fresh window for a reader; one before it has no reader any more.</summary>
    public JournalWindow Open(string sink, int queue) => _windows[(sink, queue)] = new JournalWindow(BytesMax);

    public void Close(string sink, int queue, JournalWindow window) =>
        _windows.TryRemove(KeyValuePair.Create((sink, queue), window));

    /// <summary>The sink has confirmed everything in the queue up to the position.</summary>
    public void Confirm(string sink, int queue, JournalPosition position)
    {
        if (_windows.TryGetValue((sink, queue), out var window))
            window.Confirm(position);
    }

    /// <summary>The reader's window in this silo; null when the queue is read elsewhere.</summary>
    public JournalWindow? Find(string sink, int queue) => _windows.GetValueOrDefault((sink, queue));
}
