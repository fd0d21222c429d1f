namespace Divolte.Grains.Geo;

/// <summary>One value of a database: where its content lies, and how much of it there is.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Content">Offset of the content in its section.</param>
/// <param name="Size">Bytes of a text or number, entries of a map or array, 0 or 1 of a boolean.</param>
internal readonly record struct DatabaseValue(DatabaseValueKind Kind, int Content, int Size);

/// <summary>Types of the MaxMind DB format, with its numbers.</summary>
internal enum DatabaseValueKind : byte
{
    None = 0,
    Pointer = 1,
    Text = 2,
    Float64 = 3,
    Bytes = 4,
    UInt16 = 5,
    UInt32 = 6,
    Map = 7,
    Int32 = 8,
    UInt64 = 9,
    UInt128 = 10,
    Array = 11,
    Boolean = 14,
    Float32 = 15,
}
