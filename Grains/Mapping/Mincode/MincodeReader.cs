using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Mincode;

/// <summary>
/// Reads mincode, the compact form in which the tag sends event parameters: a type letter, inside an object the name, then the payload up to
/// an exclamation mark; a tilde makes the next character literal. Reading ends after the first value; what follows it is ignored.
/// </summary>
internal ref struct MincodeReader
{
    private readonly MappedEvent _mapped;
    private readonly ReadOnlySpan<byte> _text;
    private readonly TextSlice _source;
    private int _position;

    private MincodeReader(in MappedEvent mapped, TextSlice source)
    {
        _mapped = mapped;
        _source = source;
        _text = mapped.Read(source);
    }

    /// <summary>Reads one value.</summary>
    /// <param name="mapped">The event that the text belongs to.</param>
    /// <param name="source">The text after URL decoding.</param>
    /// <param name="root">The node of the value.</param>
    /// <param name="error">What is wrong and where; empty when nothing is.</param>
    /// <returns>False when the text is not mincode.</returns>
    public static bool TryRead(in MappedEvent mapped, TextSlice source, out int root, out string error)
    {
        var reader = new MincodeReader(mapped, source);
        root = -1;
        error = reader.ReadDocument(ref root);
        return error.Length == 0;
    }

    private readonly EventScratch Scratch => _mapped.Scratch;

    private readonly JsonTree Tree => _mapped.Scratch.Json;

    private string ReadDocument(ref int root)
    {
        if (_text.IsEmpty)
        {
            root = Tree.Add(JsonKind.Missing);
            return "";
        }
        Span<int> open = stackalloc int[JsonTree.DepthMax];
        var depth = 0;
        do
        {
            var parent = depth == 0 ? -1 : open[depth - 1];
            if (_position == _text.Length)
                return ErrorAt($"Unexpected end-of-input: was expecting closing marker for {(IsObject(parent) ? "object" : "array")}");
            var type = _text[_position++];
            switch (type)
            {
                case (byte)')' when IsObject(parent):
                case (byte)'.' when parent >= 0 && !IsObject(parent):
                    depth--;
                    continue;
                case (byte)')':
                    return ErrorAt("Unexpected end of object");
                case (byte)'.':
                    return ErrorAt("Unexpected end of array");
            }
            var error = ReadRecord(type, parent, out var node);
            if (error.Length > 0)
                return error;
            if (depth == 0)
                root = node;
            if (type is not ((byte)'(' or (byte)'a'))
                continue;
            if (depth == open.Length)
                return ErrorAt($"Nested deeper than {JsonTree.DepthMax}");
            open[depth++] = node;
        }
        while (depth > 0);
        return "";
    }

    private readonly bool IsObject(int node) => node >= 0 && Tree[node].Kind == JsonKind.Object;

    /// <summary>Reads one value, of a container its start, and hangs it into its parent.</summary>
    private string ReadRecord(byte type, int parent, out int node)
    {
        node = -1;
        if ("(asdjtfn"u8.IndexOf(type) < 0)
            return ErrorAt($"Unknown record type: {(char)type}");
        var name = TextSlice.Empty;
        if (IsObject(parent) && ReadString(out name) is { Length: > 0 } nameError)
            return nameError;
        var error = ReadValue(type, out node);
        if (error.Length > 0)
            return error;
        if (IsObject(parent))
            node = Tree.SetMember(parent, name, node, _mapped);
        else if (parent >= 0)
            Tree.Append(parent, node);
        return "";
    }

    private string ReadValue(byte type, out int node)
    {
        node = -1;
        switch (type)
        {
            case (byte)'(':
                node = Tree.Add(JsonKind.Object);
                return "";
            case (byte)'a':
                node = Tree.Add(JsonKind.Array);
                return "";
            case (byte)'t':
                node = Tree.Add(JsonKind.True);
                return "";
            case (byte)'f':
                node = Tree.Add(JsonKind.False);
                return "";
            case (byte)'n':
                node = Tree.Add(JsonKind.Null);
                return "";
        }
        var error = ReadString(out var text);
        if (error.Length > 0)
            return error;
        if (type == 's')
        {
            node = Tree.Add(JsonKind.String, text);
            return "";
        }
        var digits = _mapped.Read(DecimalText.WithAsciiDigits(text, _mapped));
        TextSlice number;
        var isInteger = true;
        if (type == 'd' ? !DecimalText.TryReadBase36(digits, Scratch, out number) : !DecimalText.TryRead(digits, Scratch, out number, out isInteger))
            return ErrorAt(type == 'd' ? "Invalid integer record" : "Invalid number record");
        node = Tree.Add(isInteger ? JsonKind.Integer : JsonKind.Decimal, number);
        return "";
    }

    /// <summary>Reads up to the next exclamation mark. Only a text with escapes is copied.</summary>
    private string ReadString(out TextSlice text)
    {
        text = default;
        var rest = _text[_position..];
        var end = rest.IndexOfAny((byte)'!', (byte)'~');
        if (end >= 0 && rest[end] == '!')
        {
            text = _source.Part(_position, end);
            _position += end + 1;
            return "";
        }
        if (end < 0)
            return EndOfString();

        var target = Scratch.Reserve(rest.Length);
        var length = 0;
        while (true)
        {
            rest[..end].CopyTo(target[length..]);
            length += end;
            if (rest[end] == '!')
                break;
            if (end + 1 == rest.Length)
            {
                _position = _text.Length;
                return ErrorAt("Unexpected end-of-input in character escape sequence");
            }
            target[length++] = rest[end + 1];
            rest = rest[(end + 2)..];
            end = rest.IndexOfAny((byte)'!', (byte)'~');
            if (end < 0)
                return EndOfString();
        }
        _position = _text.Length - rest.Length + end + 1;
        text = Scratch.Keep(length);
        return "";
    }

    private string EndOfString()
    {
        _position = _text.Length;
        return ErrorAt("Unexpected end-of-input: was expecting end of string value");
    }

    private readonly string ErrorAt(string what) => $"{what} (byte {_position} of {_text.Length})";
}
