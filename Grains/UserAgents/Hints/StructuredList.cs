using System.Text;

namespace Divolte.Grains.UserAgents.Hints;

/// <summary>Reads lists of quoted texts with one parameter each (RFC 8941), as client hints write them: <c>"Chromium";v="120", "Not A(Brand";v="24"</c>.</summary>
internal static class StructuredList
{
    /// <summary>More items than this are not read; browsers send three.</summary>
    private const int ItemsMax = 16;

    /// <summary>The items up to the first that is malformed.</summary>
    public static IEnumerable<(string Text, string Parameter)> Read(string value)
    {
        var position = 0;
        for (var items = 0; items < ItemsMax && TryReadText(value, ref position, out var text); items++)
        {
            var parameter = "";
            while (Take(value, ref position, ';'))
            {
                while (position < value.Length && value[position] is not ('=' or ';' or ','))
                    position++;
                if (Take(value, ref position, '=') && !TryReadText(value, ref position, out parameter))
                    yield break;
            }
            yield return (text, parameter);
            if (!Take(value, ref position, ','))
                yield break;
        }
    }

    /// <summary>The first text; empty when there is none.</summary>
    public static string FirstText(string value) => Read(value).FirstOrDefault().Text ?? "";

    private static bool Take(string value, ref int position, char sign)
    {
        while (position < value.Length && value[position] is ' ' or '\t')
            position++;
        if (position >= value.Length || value[position] != sign)
            return false;
        position++;
        return true;
    }

    private static bool TryReadText(string value, ref int position, out string text)
    {
        text = "";
        if (!Take(value, ref position, '"'))
            return false;
        var read = new StringBuilder();
        for (; position < value.Length; position++)
        {
            if (value[position] == '"')
            {
                position++;
                text = read.ToString();
                return true;
            }
            if (value[position] == '\\' && position + 1 < value.Length)
                position++;
            read.Append(value[position]);
        }
        return false;
    }
}
