using System.Globalization;
using System.Text;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Mapping.Patterns;

namespace Divolte.Grains.Mapping.JsonPaths;

internal enum OperandKind : byte
{
    Undefined,
    Null,
    Boolean,
    Number,
    Text,
    Pattern,

    /// <summary>An array or object.</summary>
    Node,
}

/// <summary>A value in a comparison.</summary>
internal readonly record struct OperandValue(OperandKind Kind, string Text, double Number, bool IsTrue, int Node, JavaPattern? Pattern)
{
    public static readonly OperandValue Undefined = new(OperandKind.Undefined, "", 0, false, -1, null);
    public static readonly OperandValue Null = new(OperandKind.Null, "", 0, false, -1, null);

    public static OperandValue Of(bool value) => new(OperandKind.Boolean, value ? "true" : "false", 0, value, -1, null);

    public static OperandValue Of(string text) => new(OperandKind.Text, text, 0, false, -1, null);

    public static OperandValue OfNumber(string text) =>
        new(OperandKind.Number, text, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), false, -1, null);

    public static OperandValue Of(JavaPattern pattern) => new(OperandKind.Pattern, "", 0, false, -1, pattern);

    public static OperandValue OfNode(int node) => new(OperandKind.Node, "", 0, false, node, null);

    /// <summary>The value of a node.</summary>
    public static OperandValue Of(in PathRun run, int node)
    {
        if (node < 0)
            return Undefined;
        var value = run.Tree[node];
        switch (value.Kind)
        {
            case JsonKind.Null or JsonKind.Missing:
                return Null;
            case JsonKind.True or JsonKind.False:
                return Of(value.Kind == JsonKind.True);
            case JsonKind.Array or JsonKind.Object:
                return OfNode(node);
            default:
                JsonScalar.TryGetText(value, run.Mapped.Scratch, out var slice);
                var text = Encoding.UTF8.GetString(run.Mapped.Read(slice));
                return value.Kind == JsonKind.String ? Of(text) : OfNumber(text);
        }
    }
}
