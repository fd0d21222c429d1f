namespace Divolte.Frontend.Spool;

/// <summary>How a spool is, at one moment. Counts are since the process started.</summary>
/// <param name="Directory">Where it lies.</param>
/// <param name="WaitingParts">Parts on disk that are not yet delivered.</param>
/// <param name="WaitingEvents">Events in them.</param>
/// <param name="Bytes">Bytes of all files.</param>
/// <param name="BytesMax">The most that they may take.</param>
/// <param name="EventsWritten">Events that became durable here.</param>
/// <param name="EventsDelivered">Events that the grid has taken from here.</param>
/// <param name="EventsDamaged">Events that could not be read back: they are lost, and the file is kept aside.</param>
/// <param name="Obstacle">Why it takes no event now; null when it does.</param>
/// <param name="Warning">What an operator should look at although it works; empty otherwise.</param>
internal sealed record SpoolFigures(
    string Directory,
    int WaitingParts,
    long WaitingEvents,
    long Bytes,
    long BytesMax,
    long EventsWritten,
    long EventsDelivered,
    long EventsDamaged,
    string? Obstacle,
    string Warning);
