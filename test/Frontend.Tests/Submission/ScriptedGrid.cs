using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;

namespace Divolte.Frontend.Tests.Submission;

/// <summary>A grid that answers when, and as, the test says. Calls arrive in order; nothing runs by itself.</summary>
internal sealed class ScriptedGrid
{
    private readonly List<Call> _calls = [];

    public IReadOnlyList<Call> Calls => _calls;

    public Call Last => _calls[^1];

    public Task<BatchReceipt> SendAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        var call = new Call(batch);
        _calls.Add(call);
        return call.Answer.Task;
    }

    internal sealed class Call
    {
        public Call(EventBatch batch)
        {
            EventCount = batch.EventCount;
            Frontend = batch.Frontend;
            Bytes = batch.Parts.Length;
            var reader = new EventBatchReader(batch.Parts);
            while (reader.MoveNext())
                Parts.Add((reader.Head, EventsIn(reader.Frames.Span)));
        }

        public TaskCompletionSource<BatchReceipt> Answer { get; } = new();

        public Guid Frontend { get; }

        public int EventCount { get; }

        public int Bytes { get; }

        public List<(BatchPartHead Head, List<string> Events)> Parts { get; } = [];

        public IEnumerable<string> Events => Parts.SelectMany(part => part.Events);

        public void Reply(EventVerdict verdict) => Answer.SetResult(BatchReceipt.Uniform(EventCount, verdict));

        public void Fail() => Answer.SetException(new TimeoutException("scripted"));

        private static List<string> EventsIn(ReadOnlySpan<byte> frames)
        {
            var events = new List<string>();
            while (!frames.IsEmpty)
            {
                var frame = EventFrameReader.Parse(frames);
                events.Add(System.Text.Encoding.UTF8.GetString(frame[FrameSlot.EventId]));
                frames = frames[frame.Bytes.Length..];
            }
            return events;
        }
    }
}
