namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>What counts as true: everything but false, null, zero and what is empty.</summary>
internal static class Truth
{
    public static bool Of(object? value) => value switch
    {
        null => false,
        bool flag => flag,
        string text => text.Length > 0,
        ComposedText text => text.Text.Length > 0,
        ScriptList list => list.Items.Count > 0,
        ScriptMap map => map.Keys.Count > 0,
        int or long or float or double or decimal or System.Numerics.BigInteger => Numbers.Compare(value, 0) != 0,
        _ => true,
    };
}
