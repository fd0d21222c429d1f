using System.Buffers;
using System.Text.Json;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;

namespace Divolte.Frontend.Json;

/// <summary>
/// The body of a JSON event: one object with known properties. As lenient as upstream's reader: numbers and booleans do for texts, some texts and whole
/// numbers for booleans, of repeated properties the last wins, and what follows the object is ignored. Reused by one thread.
/// </summary>
internal sealed class JsonEventBody
{
    /// <summary>Nesting beyond this is refused, so that whoever walks through the parameters needs no more stack than it has.</summary>
    public const int DepthMax = 2048;

    /// <summary>Buffers that one large body has grown beyond this many bytes are not kept.</summary>
    private const int RetainedBytesMax = 64 * 1024;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = DepthMax };

    private readonly JsonTextBuffer _texts = new();
    private readonly Range?[] _properties = new Range?[Enum.GetValues<Property>().Length];
    private bool? _isNewParty;
    private bool? _isNewSession;
    private byte[] _parameters = [];
    private int _parametersLength;

    private enum Property
    {
        SessionId,
        EventId,
        ClientTime,
        EventType,
        IsNewParty,
        IsNewSession,
        Parameters,
        Unknown,
    }

    public ReadOnlySpan<byte> SessionId => TextOf(Property.SessionId);

    public ReadOnlySpan<byte> EventId => TextOf(Property.EventId);

    public ReadOnlySpan<byte> ClientTime => TextOf(Property.ClientTime);

    public bool HasEventType => _properties[(int)Property.EventType] is not null;

    public ReadOnlySpan<byte> EventType => TextOf(Property.EventType);

    /// <summary>The parameters as JSON text; <c>null</c> when absent.</summary>
    public ReadOnlySpan<byte> Parameters => _parametersLength == 0 ? "null"u8 : _parameters.AsSpan(0, _parametersLength);

    public FrameFlags Flags =>
        (_isNewParty == true ? FrameFlags.NewParty : FrameFlags.None) | (_isNewSession == true ? FrameFlags.FirstInSession : FrameFlags.None);

    /// <summary>Reads a body. The properties of this object are those of the last body that was read with success.</summary>
    /// <returns><see cref="DropReason.Body"/>, <see cref="DropReason.Incomplete"/> or <see cref="DropReason.None"/>.</returns>
    public DropReason Read(ReadOnlySpan<byte> body)
    {
        Clear();
        var utf8 = JsonEncoding.ToUtf8(body, out var rented);
        try
        {
            return ReadObject(utf8);
        }
        catch (JsonException)
        {
            return DropReason.Body;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private DropReason ReadObject(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Strict);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return DropReason.Body;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = PropertyOf(reader);
            reader.Read();
            if (!ReadProperty(ref reader, property, utf8))
                return DropReason.Body;
        }
        if (!JsonEncoding.IsWellFormed(utf8[..(int)reader.BytesConsumed]))
            return DropReason.Body;
        return IsComplete() ? DropReason.None : DropReason.Incomplete;
    }

    private bool IsComplete() =>
        _properties[(int)Property.SessionId] is not null && _properties[(int)Property.EventId] is not null
        && _properties[(int)Property.ClientTime] is not null && _isNewParty is not null && _isNewSession is not null;

    private Property PropertyOf(in Utf8JsonReader reader)
    {
        var name = reader.ValueIsEscaped ? _texts[_texts.Append(reader.ValueSpan, isEscaped: true)] : reader.ValueSpan;
        return name.SequenceEqual("session_id"u8) ? Property.SessionId
            : name.SequenceEqual("event_id"u8) ? Property.EventId
            : name.SequenceEqual("client_timestamp_iso"u8) ? Property.ClientTime
            : name.SequenceEqual("event_type"u8) ? Property.EventType
            : name.SequenceEqual("is_new_party"u8) ? Property.IsNewParty
            : name.SequenceEqual("is_new_session"u8) ? Property.IsNewSession
            : name.SequenceEqual("parameters"u8) ? Property.Parameters
            : Property.Unknown;
    }

    private bool ReadProperty(ref Utf8JsonReader reader, Property property, ReadOnlySpan<byte> utf8) => property switch
    {
        Property.SessionId or Property.EventId or Property.ClientTime or Property.EventType => ReadText(reader, property),
        Property.IsNewParty => ReadBoolean(reader, ref _isNewParty),
        Property.IsNewSession => ReadBoolean(reader, ref _isNewSession),
        Property.Parameters => ReadParameters(ref reader, utf8),
        _ => false,
    };

    private bool ReadText(in Utf8JsonReader reader, Property property)
    {
        ref var slot = ref _properties[(int)property];
        slot = null;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                slot = _texts.Append(reader.ValueSpan, reader.ValueIsEscaped);
                return true;
            case JsonTokenType.Number:
            case JsonTokenType.True:
            case JsonTokenType.False:
                slot = _texts.Append(reader.ValueSpan, isEscaped: false);
                return true;
            case JsonTokenType.Null:
                return true;
            default:
                return false;
        }
    }

    private bool ReadBoolean(in Utf8JsonReader reader, ref bool? target)
    {
        target = reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False or JsonTokenType.Null => false,
            JsonTokenType.Number when !reader.ValueSpan.ContainsAny(".eE"u8) => reader.ValueSpan is not [(byte)'0'],
            JsonTokenType.String => BooleanOf(_texts[_texts.Append(reader.ValueSpan, reader.ValueIsEscaped)]),
            _ => null,
        };
        return target is not null;
    }

    /// <summary>Blanks around do not count; no text and the word null mean false; words in all capitals mean nothing.</summary>
    private static bool? BooleanOf(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty && text[0] <= ' ')
            text = text[1..];
        while (!text.IsEmpty && text[^1] <= ' ')
            text = text[..^1];
        if (text.SequenceEqual("true"u8) || text.SequenceEqual("True"u8))
            return true;
        return text.IsEmpty || text.SequenceEqual("null"u8) || text.SequenceEqual("false"u8) || text.SequenceEqual("False"u8) ? false : null;
    }

    private bool ReadParameters(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        var text = utf8[start..(int)reader.BytesConsumed];
        if (_parameters.Length < text.Length)
            _parameters = new byte[Math.Max(text.Length, 4096)];
        text.CopyTo(_parameters);
        _parametersLength = text.Length;
        return true;
    }

    private ReadOnlySpan<byte> TextOf(Property property) => _properties[(int)property] is { } range ? _texts[range] : default;

    private void Clear()
    {
        if (_parameters.Length > RetainedBytesMax)
            _parameters = [];
        _texts.Clear();
        _properties.AsSpan().Clear();
        _isNewParty = null;
        _isNewSession = null;
        _parametersLength = 0;
    }
}
