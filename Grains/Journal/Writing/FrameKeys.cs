using System.Buffers.Binary;
using System.Text;
using Divolte.Grains.Interfaces.Events;

namespace Divolte.Grains.Journal.Writing;

/// <summary>Reads out of an append what the duplicate memory and the ledger need.</summary>
internal static class FrameKeys
{
    /// <summary>Adds the identity key of every frame that is a first sight.</summary>
    /// <returns>Number of frames, repeated ones included.</returns>
    /// <exception cref="ArgumentException">The bytes are not whole frames.</exception>
    public static int Collect(ReadOnlySpan<byte> frames, ref ulong[] keys, ref int keyCount)
    {
        var count = 0;
        while (!frames.IsEmpty)
        {
            int length;
            try
            {
                length = EventFrame.LengthOf(frames);
            }
            catch (InvalidDataException e)
            {
                throw new ArgumentException("An append holds something that is no frame.", nameof(frames), e);
            }
            if (!EventFrame.IsDuplicate(frames))
            {
                if (keyCount == keys.Length)
                    Array.Resize(ref keys, keyCount * 2);
                keys[keyCount++] = EventFrame.IdentityKeyOf(frames);
            }
            frames = frames[length..];
            count++;
        }
        return count;
    }

    /// <summary>Adds the counts per source of an entry to a queue.</summary>
    public static void AddSources(ReadOnlySpan<byte> sources, int count, Segments.QueueState queue)
    {
        for (; count > 0; count--)
        {
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(sources[4..]);
            queue.Add(Encoding.UTF8.GetString(sources.Slice(6, nameLength)), BinaryPrimitives.ReadInt32LittleEndian(sources));
            sources = sources[(6 + nameLength)..];
        }
    }
}
