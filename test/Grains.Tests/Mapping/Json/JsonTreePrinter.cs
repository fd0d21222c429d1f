using System.Text;
using System.Text.Json;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Json;

namespace Divolte.Grains.Tests.Mapping.Json;

/// <summary>A JSON tree as text.</summary>
internal static class JsonTreePrinter
{
    public static string Print(int node, in MappedEvent mapped)
    {
        var text = new StringBuilder();
        Print(text, node, mapped);
        return text.ToString();
    }

    private static void Print(StringBuilder text, int node, in MappedEvent mapped)
    {
        var tree = mapped.Scratch.Json;
        var value = tree[node];
        switch (value.Kind)
        {
            case JsonKind.Array or JsonKind.Object:
                text.Append(value.Kind == JsonKind.Array ? '[' : '{');
                for (var child = value.First; child >= 0; child = tree[child].Next)
                {
                    if (child != value.First)
                        text.Append(',');
                    if (value.Kind == JsonKind.Object)
                        text.Append(Quote(Encoding.UTF8.GetString(mapped.Read(tree[child].Name)))).Append(':');
                    Print(text, child, mapped);
                }
                text.Append(value.Kind == JsonKind.Array ? ']' : '}');
                break;
            case JsonKind.String:
                text.Append(Quote(Encoding.UTF8.GetString(mapped.Read(value.Text))));
                break;
            case JsonKind.Missing:
                text.Append("missing");
                break;
            default:
                JsonScalar.TryGetText(value, mapped.Scratch, out var scalar);
                text.Append(Encoding.UTF8.GetString(mapped.Read(scalar)));
                break;
        }
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text, Options);

    private static readonly JsonSerializerOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 2000 };
}
