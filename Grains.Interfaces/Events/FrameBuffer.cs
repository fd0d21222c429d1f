using System.Buffers;

namespace Divolte.Grains.Interfaces.Events;

/// <summary>A growing buffer from the shared array pool. One owner; not for several threads.</summary>
public sealed class FrameBuffer(int capacity = 4096) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>How many bytes are written.</summary>
    public int Length { get; private set; }

    public Span<byte> Written => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Makes room for so many bytes at the end and returns it, not cleared.</summary>
    public Span<byte> Append(int length)
    {
        if (length > _bytes.Length - Length)
            Grow(length);
        var room = _bytes.AsSpan(Length, length);
        Length += length;
        return room;
    }

    /// <summary>Forgets what was written behind a length, or all of it.</summary>
    public void Truncate(int length = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + length, 2 * _bytes.Length));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
