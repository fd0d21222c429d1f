using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;

namespace Divolte.Frontend.Requests;

/// <summary>
/// Dates of request headers, in the forms that HTTP has had: <c>Sun, 06 Nov 1994 08:49:37 GMT</c>, <c>Sunday, 06-Nov-94 08:49:37 GMT</c>,
/// <c>Sun Nov 6 08:49:37 1994</c>, and that of old cookies. The day of the week is not compared; what follows a semicolon is left out, as old browsers sent a
/// length there.
/// </summary>
internal static partial class HttpDate
{
    private static readonly string[] Forms = ["d MMM yyyy H:m:s zzz", "d-MMM-yy H:m:s zzz", "d-MMM-yyyy H:m:s zzz"];

    /// <summary>The date of the first header of its name; null without one, or when it is none of the forms.</summary>
    public static DateTimeOffset? First(StringValues header) => header is [{ } text, ..] ? Parse(text) : null;

    /// <summary>The date; null when the text has none of the forms.</summary>
    public static DateTimeOffset? Parse(string text)
    {
        var semicolon = text.IndexOf(';', StringComparison.Ordinal);
        var date = Weekday().Replace(semicolon < 0 ? text : text[..semicolon], "");
        if (TryParse(date, "MMM d H:m:s yyyy", out var old))
            return old;
        var numeric = Zone().Replace(date, " +00:00");
        return Array.Find(Forms, form => TryParse(numeric, form, out _)) is { } found && TryParse(numeric, found, out var parsed) ? parsed : null;
    }

    private static bool TryParse(string text, string form, out DateTimeOffset date) =>
        DateTimeOffset.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite | DateTimeStyles.AssumeUniversal, out date);

    [GeneratedRegex("^[A-Za-z]{3,9},? +(?=[A-Za-z0-9])")]
    private static partial Regex Weekday();

    [GeneratedRegex(" (GMT|UTC|UT|Z)$", RegexOptions.IgnoreCase)]
    private static partial Regex Zone();
}
