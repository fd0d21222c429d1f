using System.Text.Json;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Json;

/// <summary>Reads JSON text into a tree: whole numbers of any size, everything with a fraction or an exponent in double precision.</summary>
internal static class JsonTextReader
{
    /// <summary>Reads one value.</summary>
    /// <param name="mapped">The event that the text belongs to.</param>
    /// <param name="source">UTF-8 JSON.</param>
    /// <param name="root">The node of the value.</param>
    /// <returns>False when the text is no JSON.</returns>
    public static bool TryRead(in MappedEvent mapped, TextSlice source, out int root)
    {
        root = -1;
        try
        {
            var reader = new Utf8JsonReader(mapped.Read(source), new JsonReaderOptions { MaxDepth = JsonTree.DepthMax });
            if (!reader.Read())
                return false;
            root = ReadDocument(ref reader, mapped, source);
            return true;
        }
        catch (JsonException)
        {
            // The frontend checked it; what comes here is text of another writer.
            return false;
        }
    }

    private static int ReadDocument(ref Utf8JsonReader reader, in MappedEvent mapped, TextSlice source)
    {
        var tree = mapped.Scratch.Json;
        Span<int> open = stackalloc int[JsonTree.DepthMax];
        var depth = 0;
        var root = -1;
        var name = TextSlice.Empty;
        while (true)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = TextOf(ref reader, mapped, source);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    depth--;
                    break;
                default:
                    var node = ReadValue(ref reader, mapped, source);
                    if (depth == 0)
                        root = node;
                    else if (tree[open[depth - 1]].Kind == JsonKind.Object)
                        node = tree.SetMember(open[depth - 1], name, node, mapped);
                    else
                        tree.Append(open[depth - 1], node);
                    if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                        open[depth++] = node;
                    break;
            }
            if (depth == 0)
                return root;
            if (!reader.Read())
                throw new JsonException("The text ends within a value.");
        }
    }

    private static int ReadValue(ref Utf8JsonReader reader, in MappedEvent mapped, TextSlice source)
    {
        var tree = mapped.Scratch.Json;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return tree.Add(JsonKind.Object);
            case JsonTokenType.StartArray:
                return tree.Add(JsonKind.Array);
            case JsonTokenType.True:
                return tree.Add(JsonKind.True);
            case JsonTokenType.False:
                return tree.Add(JsonKind.False);
            case JsonTokenType.Null:
                return tree.Add(JsonKind.Null);
            case JsonTokenType.String:
                return tree.Add(JsonKind.String, TextOf(ref reader, mapped, source));
            default:
                return ReadNumber(ref reader, mapped, source);
        }
    }

    private static int ReadNumber(ref Utf8JsonReader reader, in MappedEvent mapped, TextSlice source)
    {
        var tree = mapped.Scratch.Json;
        var digits = reader.ValueSpan;
        if (digits.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0)
            return tree.Add(JsonKind.Double, default, JavaNumber.ToDouble(digits));
        if (digits.Length > DecimalText.LengthMax)
            throw new JsonException("A number is too long.");
        var slice = source.Part((int)reader.TokenStartIndex, digits.Length);
        return tree.Add(JsonKind.Integer, digits.SequenceEqual("-0"u8) ? slice.Part(1, 1) : slice);
    }

    private static TextSlice TextOf(ref Utf8JsonReader reader, in MappedEvent mapped, TextSlice source)
    {
        var raw = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
            return source.Part((int)reader.TokenStartIndex + 1, raw.Length);
        try
        {
            var written = reader.CopyString(mapped.Scratch.Reserve(raw.Length));
            return mapped.Scratch.Keep(written);
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A text holds half a surrogate pair.", exception);
        }
    }
}
