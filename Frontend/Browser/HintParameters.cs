using System.Text;
using Divolte.Frontend.Requests;
using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend.Browser;

/// <summary>
/// Client hints that the tag sends as parameters: browsers send these headers to a page's own server only when it asks, and to nobody else. They are taken for the
/// headers whose names and values they have, so that whatever reads those finds them.
/// </summary>
internal static class HintParameters
{
    private const int ValueLengthMax = 1024;

    private static readonly (byte[] Parameter, string Header)[] Names =
        [.. new[] { "Sec-CH-UA-Model", "Sec-CH-UA-Platform-Version", "Sec-CH-UA-Form-Factors", "Sec-CH-UA-Full-Version-List" }
            .Select(header => (Encoding.ASCII.GetBytes(header.ToLowerInvariant()), header))];

    /// <summary>Adds the headers that the request lacks.</summary>
    public static void AddTo(IHeaderDictionary headers, QueryParameters query)
    {
        foreach (var (parameter, header) in Names)
        {
            var index = query.IndexOf(parameter);
            if (index < 0 || headers.ContainsKey(header))
                continue;
            var value = query.ValueOf(index);
            if (value.Length is > 0 and <= ValueLengthMax && !value.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
                headers[header] = Encoding.ASCII.GetString(value);
        }
    }
}
