using System.Buffers;
using Divolte.Frontend.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Divolte.Frontend.Json;

/// <summary>How the reading of a body ended.</summary>
internal enum RequestBodyStatus
{
    /// <summary>All of it is there, at least one byte.</summary>
    Complete,

    /// <summary>The request has no body or an empty one.</summary>
    Absent,

    /// <summary>It is, or is declared to be, larger than allowed.</summary>
    TooLarge,

    /// <summary>It came more slowly than the listener puts up with.</summary>
    TooSlow,

    /// <summary>It ended before its declared length, its chunks cannot be read, or the client is gone.</summary>
    Broken,
}

/// <summary>A whole request body in one pooled buffer, never more than its limit.</summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>Limits are whole blocks of so many bytes, as upstream has it.</summary>
    private const int BlockBytes = 4096;

    /// <summary>The most bytes that are read and thrown away so that a client which is still sending sees why it was refused.</summary>
    private const int DiscardedBytesMax = 16 << 20;

    private static readonly TimeSpan DiscardTimeMax = TimeSpan.FromSeconds(2);

    private byte[] _buffer;
    private int _length;

    private RequestBody(RequestBodyStatus status)
    {
        Status = status;
        _buffer = [];
    }

    public RequestBodyStatus Status { get; private set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>The limit that a setting means: rounded up to whole blocks, at least one.</summary>
    public static int LimitOf(int maximumBodySize)
    {
        var blocks = (Math.Max(maximumBodySize, 1L) + BlockBytes - 1) / BlockBytes;
        return (int)Math.Min(blocks * BlockBytes, Array.MaxLength - 1);
    }

    public static async ValueTask<RequestBody> ReadAsync(HttpContext context, int bytesMax)
    {
        var declared = context.Request.ContentLength;
        if (declared is 0 || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
            return new RequestBody(RequestBodyStatus.Absent);
        if (declared > bytesMax)
            return new RequestBody(RequestBodyStatus.TooLarge);

        var body = new RequestBody(RequestBodyStatus.Complete);
        // One byte more than announced, so that the last read needs no larger buffer to see the end.
        body._buffer = ArrayPool<byte>.Shared.Rent((int)(declared ?? Math.Min(bytesMax, BlockBytes)) + 1);
        try
        {
            await body.FillAsync(context, bytesMax);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            body.Status = RequestBodyStatus.TooSlow;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The server's own exception for a request that it cannot read is one of these too; it lets nobody answer such a request any more.
            body.Status = RequestBodyStatus.Broken;
        }
        return body;
    }

    /// <summary>Answers 413 at once, then takes in what the client still sends, within bounds: closing earlier could cost it the answer.</summary>
    public static async Task RefuseAsync(HttpContext context, TimeProvider time)
    {
        context.Response.Headers.Connection = "close";
        await Answers.Empty(context, StatusCodes.Status413PayloadTooLarge);
        await context.Response.CompleteAsync();
        if (context.Request.Headers.Expect.Count > 0)
            return;

        var buffer = ArrayPool<byte>.Shared.Rent(16 * BlockBytes);
        using var timeout = new CancellationTokenSource(DiscardTimeMax, time);
        try
        {
            var discarded = 0;
            int read;
            while (discarded < DiscardedBytesMax && (read = await context.Request.Body.ReadAsync(buffer, timeout.Token)) > 0)
                discarded += read;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client stopped, or took too long: it has its answer.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private async ValueTask FillAsync(HttpContext context, int bytesMax)
    {
        while (true)
        {
            if (_length == _buffer.Length)
                Grow();
            var read = await context.Request.Body.ReadAsync(_buffer.AsMemory(_length), context.RequestAborted);
            if (read == 0)
                break;
            _length += read;
            if (_length > bytesMax)
            {
                Status = RequestBodyStatus.TooLarge;
                return;
            }
        }
        if (_length == 0)
            Status = RequestBodyStatus.Absent;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
