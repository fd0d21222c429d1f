using System.Globalization;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration.Binding;

/// <summary>Blocks of properties for a client library: nested objects become dotted names, lists become texts joined by commas.</summary>
internal static class HoconFlattening
{
    /// <summary>Flattens a block. Reports what has no flat form with the path below the block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="found">Called with each flat name and its origin.</param>
    /// <param name="failed">Called with the path below the block, the reason and the origin.</param>
    public static Dictionary<string, string> Flatten(HoconObject block, Action<string, HoconOrigin> found, Action<string, string, HoconOrigin> failed)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        Visit("", block);
        return properties;

        void Visit(string name, HoconValue value)
        {
            switch (value)
            {
                case HoconScalar { IsNull: true }:
                    failed(name, "A property cannot be null: a built-in one can be replaced, but not removed", value.Origin);
                    break;
                case HoconScalar scalar:
                    Set(name, Plain(scalar));
                    break;
                case HoconObject fields when name.Length > 0 && fields.AsList() is { } list:
                    Join(name, list);
                    break;
                case HoconObject fields:
                    foreach (var (key, field) in fields.Fields)
                        Visit(name.Length == 0 ? key : $"{name}.{key}", field);
                    break;
                case HoconList list:
                    Join(name, list);
                    break;
            }

            void Set(string property, string text)
            {
                properties[property] = text;
                found(property, value.Origin);
            }

            void Join(string property, HoconList list)
            {
                if (list.Items.All(item => item is HoconScalar { IsNull: false }))
                    Set(property, string.Join(',', list.Items.Select(item => Plain((HoconScalar)item))));
                else
                    failed(property, "A list of a property can hold only simple values, neither null nor lists nor objects", list.Origin);
            }
        }
    }

    /// <summary>A number without fraction, such as 1e3 or 5.0, counts as whole.</summary>
    private static string Plain(HoconScalar scalar)
    {
        if (scalar.Kind != HoconScalarKind.Number || scalar.Text.AsSpan().IndexOfAny('.', 'e', 'E') < 0
            || !double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return scalar.Text;
        }

        return Math.Abs(number) < 1L << 53 && Math.Truncate(number) == number ? ((long)number).ToString(CultureInfo.InvariantCulture) : scalar.Text;
    }
}
