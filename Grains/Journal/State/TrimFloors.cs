namespace Divolte.Grains.Journal.State;

/// <summary>How far each queue is no longer needed. Pure.</summary>
internal static class TrimFloors
{
    /// <summary>For each queue the slowest progress.</summary>
    /// <returns>Null when nothing may be freed.</returns>
    public static long[]? Of(IReadOnlyCollection<SinkProgress> synced, long incarnation, int queues, bool retainWithoutSinks)
    {
        var floors = new long[queues];
        Array.Fill(floors, long.MaxValue);
        if (synced.Count == 0)
            return retainWithoutSinks ? null : floors;
        var isMoved = new bool[floors.Length];
        foreach (var progress in synced)
        {
            if ((uint)progress.Queue >= (uint)floors.Length)
                continue;
            // Where a sink of another incarnation goes on is for an operator to decide; until then everything is kept for it.
            var offset = progress.Position.Incarnation == incarnation ? progress.NeededFrom : 0;
            floors[progress.Queue] = Math.Min(floors[progress.Queue], offset);
            isMoved[progress.Queue] = true;
        }
        for (var queue = 0; queue < floors.Length; queue++)
        {
            // The sinks are there; in this queue none has started yet.
            if (!isMoved[queue])
                floors[queue] = 0;
        }
        return floors;
    }
}
