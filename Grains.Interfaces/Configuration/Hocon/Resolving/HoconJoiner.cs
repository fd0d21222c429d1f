using System.Text;

namespace Divolte.Grains.Interfaces.Configuration.Hocon.Resolving;

/// <summary>Joins pieces that stand beside each other: texts to a text with the blanks between them, lists to a list, objects to an object.</summary>
internal sealed class HoconJoiner(HoconOrigin origin)
{
    private readonly List<HoconShape> _pieces = [];
    private readonly StringBuilder _text = new();

    public void AddBlank(string blank) => AddText(blank);

    /// <summary>Adds a piece; null for an optional substitution that leads nowhere, which adds nothing.</summary>
    /// <exception cref="HoconException">The joined text grows beyond its bound.</exception>
    public void Add(HoconShape? piece)
    {
        if (piece is null)
            return;
        _pieces.Add(piece);
        if (piece is HoconPlainShape { Value: HoconScalar scalar })
            AddText(scalar.Text);
    }

    /// <summary>The joined value; null when every piece led nowhere, and no blanks stand between them.</summary>
    /// <exception cref="HoconException">The pieces are of different kinds.</exception>
    public HoconShape? Finish(Func<HoconShape, HoconValue> toValue)
    {
        if (_pieces.Count == 0)
            return _text.Length == 0 ? null : new HoconPlainShape(new HoconScalar(HoconScalarKind.Text, _text.ToString(), origin));
        if (_pieces.TrueForAll(piece => piece is HoconObjectShape))
            return _pieces is [var single] ? single : HoconObjectShape.Merge([.. _pieces.Cast<HoconObjectShape>()]);
        if (_pieces.TrueForAll(piece => piece is HoconPlainShape { Value: HoconScalar }))
            return new HoconPlainShape(new HoconScalar(HoconScalarKind.Text, _text.ToString(), origin));
        var items = new List<HoconValue>();
        foreach (var piece in _pieces)
        {
            items.AddRange(toValue(piece).AsList()?.Items ?? throw new HoconException(
                origin,
                $"texts, lists and objects cannot be joined to one value: found {string.Join(" beside ", _pieces.Select(KindName).Distinct())};"
                + " a comma or an end of line may be missing"));
        }

        return new HoconPlainShape(new HoconList(items, origin));
    }

    private void AddText(string text)
    {
        if (_text.Length + text.Length > HoconLimits.JoinedCharacters)
            throw new HoconException(origin, $"substitutions make a text with more than {HoconLimits.JoinedCharacters} characters");
        _text.Append(text);
    }

    private static string KindName(HoconShape piece) => piece is HoconPlainShape plain ? plain.Value.KindName : "object";
}
