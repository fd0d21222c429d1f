using Divolte.Grains.Interfaces.Deduplication;

namespace Divolte.Frontend.Telemetry;

/// <summary>The reasons for which an event can end at the edge.</summary>
internal static class EdgeReasons
{
    public static IReadOnlyList<DropReason> All { get; } =
        [.. Enum.GetValues<DropReason>().Where(reason => reason is not DropReason.None and < DropReason.DiscardedDuplicate)];
}
