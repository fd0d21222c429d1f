namespace Divolte.Grains.Schemas;

/// <summary>Which branch of a union a mapping writes.</summary>
internal static class TrivialUnion
{
    /// <summary>The first branch that is not null, or -1.</summary>
    public static int IndexOfValueBranch(AvroSchema union)
    {
        for (var index = 0; index < union.Branches.Count; index++)
        {
            if (union.Branches[index].Kind != AvroKind.Null)
                return index;
        }
        return -1;
    }

    /// <summary>
    /// What a field of this type takes from a producer or literal: a union of two branches stands for its first that is not null, everything
    /// else but a union for itself.
    /// </summary>
    /// <returns>Null for a union of one, three or more branches.</returns>
    public static AvroSchema? Unwrap(AvroSchema schema)
    {
        if (schema.Kind != AvroKind.Union)
            return schema;
        return schema.Branches.Count == 2 && IndexOfValueBranch(schema) is >= 0 and var index ? schema.Branches[index] : null;
    }
}
