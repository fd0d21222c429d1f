using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Frontend.Submission;

/// <summary>Event → batch of its destination → its verdict.</summary>
internal sealed class EventSubmitter
{
    /// <summary>
    /// Takes one complete frame. The bytes are copied before the call returns. The result is final within <c>answer_timeout</c>; with
    /// <see cref="Acknowledgement.Received"/> it is there at once.
    /// </summary>
    public ValueTask<SubmitOutcome> SubmitAsync(ReadOnlySpan<byte> frame, Acknowledgement acknowledge) => throw new NotImplementedException();
}
