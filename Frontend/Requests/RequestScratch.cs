using Divolte.Grains.Interfaces.Events;

namespace Divolte.Frontend.Requests;

/// <summary>
/// Buffers in which one thread turns requests into frames, one after another. Valid from decoding to the return of the submission, which has copied the
/// frame by then; never across an await.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Reliability", "CA1001", Justification = "It lives as long as its thread; the buffer it then leaves behind is collected like any array.")]
internal sealed class RequestScratch
{
    private const int RetainedBytesMax = 64 * 1024;

    [ThreadStatic]
    private static RequestScratch? t_current;

    private FrameBuffer _frame = new();

    /// <summary>The scratch of the calling thread.</summary>
    public static RequestScratch Current => t_current ??= new RequestScratch();

    public QueryParameters Query { get; } = new();

    /// <summary>An empty buffer for one frame.</summary>
    public FrameBuffer TakeFrame()
    {
        if (_frame.Length > RetainedBytesMax)
        {
            _frame.Dispose();
            _frame = new FrameBuffer();
        }
        _frame.Truncate();
        return _frame;
    }
}
