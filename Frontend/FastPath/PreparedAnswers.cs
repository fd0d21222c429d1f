using System.Globalization;
using Divolte.Frontend.Browser;
using Divolte.Frontend.Requests;

namespace Divolte.Frontend.FastPath;

/// <summary>The answers to events as bytes, made anew when the second in their <c>Date</c> is over.</summary>
internal sealed class PreparedAnswers(TimeProvider time)
{
    private volatile Second _second = new(time.GetUtcNow());

    /// <summary>The answer to an event that was taken, or to a request that holds none.</summary>
    public ReadOnlyMemory<byte> Taken => Now().Taken;

    /// <summary>The answer when an event could not be made durable.</summary>
    public ReadOnlyMemory<byte> Unavailable => Now().Unavailable;

    private Second Now()
    {
        var second = _second;
        var now = time.GetUtcNow();
        return now.ToUnixTimeSeconds() == second.Number ? second : _second = new Second(now);
    }

    private sealed class Second(DateTimeOffset date)
    {
        public long Number { get; } = date.ToUnixTimeSeconds();

        public byte[] Taken { get; } = PixelAnswer.ToBytes(TextOf(date));

        public byte[] Unavailable { get; } = Answers.UnavailableBytes(TextOf(date));

        private static string TextOf(DateTimeOffset date) => date.ToString("r", CultureInfo.InvariantCulture);
    }
}
