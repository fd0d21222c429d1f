using System.Text;

namespace Divolte.Frontend.Requests;

/// <summary>
/// The canonical form of a path, by which routes are found: percent-decoded, <c>.</c> and <c>..</c> segments and repeated slashes resolved, without the
/// parameters behind a semicolon in the last segment and without trailing slash. An encoded slash or backslash is no separator.
/// </summary>
internal static class RequestPath
{
    /// <summary>The canonical form; the root is a single slash.</summary>
    /// <param name="encoded">The path as sent.</param>
    /// <param name="hasTrailingSlash">Whether a slash at the end was taken away.</param>
    public static string Canonicalize(ReadOnlySpan<char> encoded, out bool hasTrailingSlash)
    {
        var parameters = encoded[(encoded.LastIndexOf('/') + 1)..].IndexOf(';');
        if (parameters >= 0)
            encoded = encoded[..(encoded.LastIndexOf('/') + 1 + parameters)];

        // From the end, as upstream does it: a parent segment takes away what stands left of it, also nothing between two slashes.
        var segments = new List<string>();
        var parents = 0;
        var end = encoded.Length;
        while (end > 0)
        {
            var start = encoded[..end].LastIndexOf('/') + 1;
            var segment = DecodeSegment(encoded[start..end]);
            end = Math.Max(start - 1, 0);
            if (segment is "..")
                parents++;
            else if (segment is not "." && parents > 0)
                parents--;
            else if (segment is not ("" or "."))
                segments.Add(segment);
        }
        segments.Reverse();
        hasTrailingSlash = segments.Count > 0 && encoded.EndsWith('/');
        return "/" + string.Join('/', segments);
    }

    /// <summary>The form in which a configured path is registered: a leading slash, no trailing one, none repeated. It is not percent-decoded.</summary>
    public static string OfConfiguration(string path) => "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));

    private static string DecodeSegment(ReadOnlySpan<char> segment)
    {
        if (!segment.Contains('%'))
            return segment.ToString();
        // An encoded slash stays encoded, so that it never becomes a separator and never equals a configured path.
        var kept = segment.ToString().Replace("%2F", "%252F", StringComparison.OrdinalIgnoreCase);
        var bytes = new byte[kept.Length];
        return Encoding.UTF8.GetString(bytes, 0, PercentDecoding.Decode(kept, bytes));
    }
}
