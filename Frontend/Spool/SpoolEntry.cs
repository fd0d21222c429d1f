namespace Divolte.Frontend.Spool;

/// <summary>One part on disk: where it lies, and what the grid knows it by.</summary>
/// <param name="Segment">Its file, which also names the frontend.</param>
/// <param name="Offset">Where its head begins in the file.</param>
/// <param name="FramesLength">Bytes of its frames.</param>
/// <param name="Shard">Its shard.</param>
/// <param name="EventCount">Its events.</param>
/// <param name="Sequence">Its number, counted per frontend and shard.</param>
internal readonly record struct SpoolEntry(SpoolSegment Segment, int Offset, int FramesLength, ushort Shard, ushort EventCount, long Sequence);
