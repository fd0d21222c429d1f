using System.Runtime.CompilerServices;

namespace Divolte.Grains.Mapping.Json;

/// <summary>Equality of JSON values: of one kind and with the same content; the order of members does not matter.</summary>
internal static class JsonEquality
{
    public static bool AreEqual(int left, int right, in MappedEvent mapped)
    {
        var tree = mapped.Scratch.Json;
        if (left == right)
            return true;
        ref readonly var one = ref tree[left];
        ref readonly var other = ref tree[right];
        if (one.Kind != other.Kind || one.Count != other.Count || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return false;
        switch (one.Kind)
        {
            case JsonKind.Array:
                for (int item = one.First, otherItem = other.First; item >= 0; item = tree[item].Next, otherItem = tree[otherItem].Next)
                {
                    if (!AreEqual(item, otherItem, mapped))
                        return false;
                }
                return true;
            case JsonKind.Object:
                for (var member = one.First; member >= 0; member = tree[member].Next)
                {
                    var otherMember = tree.Find(right, mapped.Read(tree[member].Name), mapped);
                    if (otherMember < 0 || !AreEqual(member, otherMember, mapped))
                        return false;
                }
                return true;
            case JsonKind.Double:
                return one.Double.Equals(other.Double);
            case JsonKind.String or JsonKind.Integer or JsonKind.Decimal:
                return mapped.Read(one.Text).SequenceEqual(mapped.Read(other.Text));
            default:
                return true;
        }
    }
}
