using System.Text;
using Divolte.Grains.Interfaces.Events;
using Microsoft.AspNetCore.Http;

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
    private const int InitialTargetLength = 2048;

    [ThreadStatic]
    private static RequestScratch? t_current;

    private readonly ServerHeaders _headers = new();
    private FrameBuffer _frame = new();
    private char[] _target = new char[InitialTargetLength];

    /// <summary>The scratch of the calling thread.</summary>
    public static RequestScratch Current => t_current ??= new RequestScratch();

    public QueryParameters Query { get; } = new();

    /// <summary>The head of a request that the HTTP server does not read.</summary>
    public RequestHead Head { get; } = new();

    /// <summary>The headers of a request that the HTTP server has read.</summary>
    public IRequestHeaders HeadersOf(HttpContext context) => _headers.Of(context.Request.Headers);

    /// <summary>A target of ASCII as text.</summary>
    public ReadOnlySpan<char> TextOf(ReadOnlySpan<byte> target)
    {
        if (_target.Length < target.Length)
            _target = new char[RequestHead.LengthMax];
        return _target.AsSpan(0, Encoding.Latin1.GetChars(target, _target));
    }

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
