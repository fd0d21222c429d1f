using System.Globalization;

namespace Divolte.Grains.Journal.Redis.Reading;

/// <summary>Where the queues end, as far as this process has heard, and who waits for more. Thread-safe.</summary>
/// <param name="queues">Number of queues.</param>
internal sealed class QueueEnds(int queues)
{
    private const long Unknown = -1;

    private readonly long[] _ends = [.. Enumerable.Repeat(Unknown, queues)];
    private readonly long[] _starts = new long[queues];
    private readonly QueueSignals _signals = new(queues);

    /// <summary>Bytes between the starts and the ends.</summary>
    public long BytesStored
    {
        get
        {
            var bytes = 0L;
            for (var queue = 0; queue < _ends.Length; queue++)
                bytes += Math.Max(0, Of(queue) - Volatile.Read(ref _starts[queue]));
            return bytes;
        }
    }

    /// <summary>Number of queues.</summary>
    public int Count => _ends.Length;

    /// <summary>The end of a queue; 0 when it is unknown.</summary>
    public long Of(int queue) => Math.Max(0, Volatile.Read(ref _ends[queue]));

    /// <summary>Whether the end of a queue was heard since the last <see cref="Forget"/>. From then on messages tell of every change.</summary>
    public bool IsKnown(int queue) => Volatile.Read(ref _ends[queue]) != Unknown;

    /// <summary>What lies before is gone.</summary>
    public void Trim(int queue, long start) => Volatile.Write(ref _starts[queue], start);

    /// <summary>Completes when the queue is heard to have grown, or may have.</summary>
    public Task Next(int queue) => _signals.Next(queue);

    /// <summary>A queue ends there, or further.</summary>
    public void Hear(int queue, long end)
    {
        var known = Volatile.Read(ref _ends[queue]);
        while (end > known)
        {
            var before = Interlocked.CompareExchange(ref _ends[queue], end, known);
            if (before == known)
            {
                _signals.Raise(queue);
                return;
            }
            known = before;
        }
    }

    /// <summary>A queue ends earlier than was heard, unless more was heard since.</summary>
    public void Correct(int queue, long heard, long end) => Interlocked.CompareExchange(ref _ends[queue], end, heard);

    /// <summary>Takes a message of the wake channel: <c>QUEUE:END,…</c>.</summary>
    public void Hear(string message)
    {
        foreach (var (queue, end) in Parse(message))
        {
            if ((uint)queue < (uint)_ends.Length)
                Hear(queue, end);
        }
    }

    /// <summary>Reads <c>QUEUE:END,…</c>; what has no such form is left out.</summary>
    public static IEnumerable<(int Queue, long End)> Parse(string text)
    {
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && int.TryParse(part.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var queue)
                && long.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var end))
                yield return (queue, end);
        }
    }

    /// <summary>What was heard may no longer be true, or messages may have been missed: everybody looks for themselves.</summary>
    public void Forget()
    {
        for (var queue = 0; queue < _ends.Length; queue++)
        {
            Volatile.Write(ref _ends[queue], Unknown);
            _signals.Raise(queue);
        }
    }

    /// <summary>Fails all waits, present and future.</summary>
    public void Close() => _signals.Close();
}
