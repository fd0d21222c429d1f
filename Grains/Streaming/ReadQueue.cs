using Divolte.Grains.Journal;

namespace Divolte.Grains.Streaming;

/// <summary>Reads a queue on for one sink, as <see cref="IJournal.ReadAsync"/> does; a sink may have its oldest events elsewhere than in the journal.</summary>
internal delegate ValueTask<JournalPage> ReadQueue(string sink, int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken);
