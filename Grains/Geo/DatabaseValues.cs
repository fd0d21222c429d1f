using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;

namespace Divolte.Grains.Geo;

/// <summary>
/// Reads values of the MaxMind DB format, version 2, from one section of a file. A section that is damaged or made to do harm gives a problem and nothing
/// else: every length is checked against the section, and the work on one record is bounded.
/// </summary>
internal ref struct DatabaseValues(ReadOnlySpan<byte> section)
{
    /// <summary>Most values that one record may have, those that are passed over included. Records of real databases have a few hundred.</summary>
    private const int StepsMax = 20_000;

    /// <summary>How deep values may be inside of others. Records of real databases are four deep.</summary>
    private const int DepthMax = 32;

    private readonly ReadOnlySpan<byte> _section = section;
    private int _steps;

    /// <summary>What is wrong with the section; null while nothing is. After a problem every value is <see cref="DatabaseValueKind.None"/>.</summary>
    public string? Problem { get; private set; }

    /// <summary>The value at a position, behind a pointer if there is one; the position moves behind the value.</summary>
    public DatabaseValue Read(ref int position)
    {
        var value = ReadHeader(ref position);
        if (value.Kind == DatabaseValueKind.Pointer)
        {
            var target = value.Content;
            value = ReadHeader(ref target);
            if (value.Kind == DatabaseValueKind.Pointer)
                return Fail("a pointer to a pointer");
            return IsInside(value) ? value : Fail("a value that ends behind the file");
        }
        if (!IsInside(value))
            return Fail("a value that ends behind the file");
        Skip(ref position, value);
        return Problem is null ? value : default;
    }

    /// <summary>A value that must be a map, to be walked with <see cref="ReadKey"/> and <see cref="Read"/>.</summary>
    public DatabaseValue ReadMap(ref int position)
    {
        var value = Read(ref position);
        return value.Kind == DatabaseValueKind.Map || Problem is not null ? value : Fail("a record that is no map");
    }

    /// <summary>The key at a position of a map; the position moves to its value.</summary>
    public ReadOnlySpan<byte> ReadKey(ref int position)
    {
        var key = Read(ref position);
        if (key.Kind == DatabaseValueKind.Text)
            return _section.Slice(key.Content, key.Size);
        Fail("a map whose key is no text");
        return default;
    }

    /// <summary>
    /// Checks a value and all that it leads to, so that reading it later gives no problem. What was checked before is not checked again, so that the
    /// work on a file is in proportion to its size.
    /// </summary>
    /// <param name="position">Where the value starts; moves behind it.</param>
    /// <param name="checkedTargets">A bit for every offset of the section; set for what records and pointers lead to.</param>
    /// <param name="depth">How many values this one is inside of.</param>
    /// <returns>The kind of the value, behind a pointer if there is one.</returns>
    public DatabaseValueKind Check(ref int position, Span<ulong> checkedTargets, int depth = 0)
    {
        if (depth > DepthMax)
            return Fail("values inside values without end").Kind;
        var value = ReadHeader(ref position);
        if (value.Kind == DatabaseValueKind.Pointer)
            return CheckTarget(value.Content, checkedTargets, depth);
        if (!IsInside(value))
            return Fail("a value that ends behind the file").Kind;
        Text(value);
        position += ContentBytes(value);
        for (var entry = 0; entry < value.Size && (value.Kind is DatabaseValueKind.Map or DatabaseValueKind.Array) && Problem is null; entry++)
        {
            if (value.Kind == DatabaseValueKind.Map)
                ReadKey(ref position);
            Check(ref position, checkedTargets, depth + 1);
        }
        return value.Kind;
    }

    private DatabaseValueKind CheckTarget(int target, Span<ulong> checkedTargets, int depth)
    {
        var start = target;
        var value = ReadHeader(ref start);
        if (value.Kind == DatabaseValueKind.Pointer)
            return Fail("a pointer to a pointer").Kind;
        ref var word = ref checkedTargets[target >> 6];
        var bit = 1UL << (target & 63);
        if ((word & bit) == 0)
        {
            word |= bit;
            Check(ref target, checkedTargets, depth + 1);
        }
        return value.Kind;
    }

    /// <summary>The UTF-8 of a text; empty, with a problem, when it is none; empty for other values.</summary>
    public ReadOnlySpan<byte> Text(DatabaseValue value)
    {
        if (value.Kind != DatabaseValueKind.Text)
            return default;
        var text = _section.Slice(value.Content, value.Size);
        if (Utf8.IsValid(text))
            return text;
        Fail("a text that is no UTF-8");
        return default;
    }

    /// <summary>A whole number; null for other values.</summary>
    public readonly ulong? Unsigned(DatabaseValue value)
    {
        if (value.Kind is not (DatabaseValueKind.UInt16 or DatabaseValueKind.UInt32 or DatabaseValueKind.UInt64 or DatabaseValueKind.Int32))
            return null;
        var number = 0UL;
        foreach (var part in _section.Slice(value.Content, value.Size))
            number = number << 8 | part;
        // A negative number needs all four bytes.
        return value.Kind == DatabaseValueKind.Int32 && number > int.MaxValue ? null : number;
    }

    /// <summary>A number that may have a fraction; null for other values.</summary>
    public readonly double? Fraction(DatabaseValue value)
    {
        var content = _section.Slice(value.Content, value.Kind is DatabaseValueKind.Map or DatabaseValueKind.Array ? 0 : value.Size);
        return value.Kind switch
        {
            DatabaseValueKind.Float64 => BinaryPrimitives.ReadDoubleBigEndian(content),
            // 51.5142 as 32 bits should become 51.5142 again, not 51.51420211791992.
            DatabaseValueKind.Float32 => double.Parse(
                BinaryPrimitives.ReadSingleBigEndian(content).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            DatabaseValueKind.Int32 when value.Size == 4 => BinaryPrimitives.ReadInt32BigEndian(content),
            _ => Unsigned(value),
        };
    }

    private DatabaseValue Fail(string problem)
    {
        Problem ??= problem;
        return default;
    }

    /// <summary>Kind and size; of a pointer, its target as content. The position moves to the content.</summary>
    private DatabaseValue ReadHeader(ref int position)
    {
        if (++_steps > StepsMax)
            return Fail("a record without end");
        if ((uint)position >= (uint)_section.Length)
            return Fail("a value behind the file");
        var control = _section[position++];
        var kind = (DatabaseValueKind)(control >> 5);
        if (kind == DatabaseValueKind.Pointer)
            return ReadPointer(control, ref position);
        if (kind == DatabaseValueKind.None)
        {
            if (position >= _section.Length)
                return Fail("a value that ends behind the file");
            kind = (DatabaseValueKind)(_section[position++] + 7);
            if (kind < DatabaseValueKind.Int32)
                return Fail("a value of a type that does not exist");
        }
        var size = control & 0x1F;
        if (size >= 29)
        {
            var bytes = size - 28;
            if (position + bytes > _section.Length)
                return Fail("a value that ends behind the file");
            size = bytes switch
            {
                1 => 29 + _section[position],
                2 => 285 + BinaryPrimitives.ReadUInt16BigEndian(_section[position..]),
                _ => 65_821 + (_section[position] << 16 | BinaryPrimitives.ReadUInt16BigEndian(_section[(position + 1)..])),
            };
            position += bytes;
        }
        return HasFittingSize(kind, size) ? new DatabaseValue(kind, position, size) : Fail($"a value of type {(int)kind} with the size {size}");
    }

    private DatabaseValue ReadPointer(byte control, ref int position)
    {
        var bytes = (control >> 3 & 3) + 1;
        if (position + bytes > _section.Length)
            return Fail("a value that ends behind the file");
        var target = bytes == 4 ? 0L : control & 7L;
        foreach (var part in _section.Slice(position, bytes))
            target = target << 8 | part;
        target += bytes switch { 2 => 2_048, 3 => 526_336, _ => 0 };
        position += bytes;
        return target < _section.Length ? new DatabaseValue(DatabaseValueKind.Pointer, (int)target, 0) : Fail("a pointer behind the file");
    }

    private static bool HasFittingSize(DatabaseValueKind kind, int size) => kind switch
    {
        DatabaseValueKind.Text or DatabaseValueKind.Bytes or DatabaseValueKind.Map or DatabaseValueKind.Array => true,
        DatabaseValueKind.Float64 => size == 8,
        DatabaseValueKind.Float32 => size == 4,
        DatabaseValueKind.UInt16 => size <= 2,
        DatabaseValueKind.UInt32 or DatabaseValueKind.Int32 => size <= 4,
        DatabaseValueKind.UInt64 => size <= 8,
        DatabaseValueKind.UInt128 => size <= 16,
        DatabaseValueKind.Boolean => size <= 1,
        _ => false,
    };

    private static int ContentBytes(DatabaseValue value) =>
        value.Kind is DatabaseValueKind.Map or DatabaseValueKind.Array or DatabaseValueKind.Boolean or DatabaseValueKind.Pointer ? 0 : value.Size;

    private readonly bool IsInside(DatabaseValue value) => value.Content + ContentBytes(value) <= _section.Length;

    private void Skip(ref int position, DatabaseValue value)
    {
        position += ContentBytes(value);
        var remaining = Entries(value);
        while (remaining > 0 && Problem is null)
        {
            var entry = ReadHeader(ref position);
            if (!IsInside(entry))
                Fail("a value that ends behind the file");
            position += ContentBytes(entry);
            remaining += Entries(entry) - 1;
        }
    }

    private static long Entries(DatabaseValue value) =>
        value.Kind switch { DatabaseValueKind.Map => 2L * value.Size, DatabaseValueKind.Array => value.Size, _ => 0 };
}
