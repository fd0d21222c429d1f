using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>Which branch of a union the items of a list are written with.</summary>
internal sealed class ItemBranches(AvroSchema items)
{
    private readonly bool _isUnion = items.Kind == AvroKind.Union;
    private readonly int _value = TrivialUnion.IndexOfValueBranch(items);
    private readonly int _null = items.Branches.ToList().FindIndex(branch => branch.Kind == AvroKind.Null);

    /// <summary>Writes what stands before an item; false when it is null and the type has no null.</summary>
    public bool TryBegin(AvroBuffer buffer, bool isNull)
    {
        if (isNull && _null < 0)
            return false;
        if (_isUnion)
            buffer.WriteLong(isNull ? _null : _value);
        return true;
    }
}
