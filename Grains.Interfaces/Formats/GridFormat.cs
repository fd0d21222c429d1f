namespace Divolte.Grains.Interfaces.Formats;

/// <summary>
/// The format of all that the processes of a cluster leave for each other: frames, the ledgers of sinks, their progress in Kafka, what moves with a shard. The
/// cluster stores the format that it was made with, and every process writes that one, so that two releases can be mixed while one replaces the other.
/// </summary>
/// <remarks>
/// A release reads every format from <see cref="Oldest"/> to <see cref="Latest"/> and can write each of them. What changes within a format may only be what
/// an older process passes over: new members with a new <c>[Id]</c>. A new method of a grain, or a new value of an enumeration, waits for the next format.
/// </remarks>
public static class GridFormat
{
    /// <summary>The format of a cluster that this release makes. Also the version of every grain interface.</summary>
#if NEXT_FORMAT
    public const ushort Latest = 2; // a build with -p:ContractVersion=2 stands for the next release where two are mixed in a test
#else
    public const ushort Latest = 1;
#endif

    /// <summary>The format of the oldest cluster that this release can be mixed into.</summary>
    public const ushort Oldest = 1;

    /// <summary>Whether the first byte of something stored names a format that this release reads.</summary>
    public static bool Reads(int format) => format is >= Oldest and <= Latest;
}
