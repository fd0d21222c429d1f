namespace Divolte.Frontend.Submission;

/// <summary>What a frontend may tell the client about its event.</summary>
internal enum SubmitOutcome : byte
{
    /// <summary>Synced to stable storage.</summary>
    Durable,

    /// <summary>Taken; not yet durable (<c>acknowledge = received</c>).</summary>
    Received,

    /// <summary>The frontend's queue is full: 503.</summary>
    Overload,

    /// <summary>Could not be made durable in time: 503.</summary>
    NotDurable,

    /// <summary>The server is leaving: 503.</summary>
    Stopping,
}
