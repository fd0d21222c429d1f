using System.Buffers;
using System.Globalization;
using System.Text;
using Divolte.Frontend.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Divolte.Frontend.Browser;

/// <summary>
/// The party cookie as answers to events renew it. Some browsers forget cookies that scripts wrote after seven days; those of an answer live as long as they say.
/// </summary>
internal sealed class ServerPartyCookie(BrowserSourceOptions source)
{
    private const int ValueLengthMax = 128;

    /// <summary>What ids of the tag are made of. Anything else could end the cookie, or the header.</summary>
    private static readonly SearchValues<byte> IdBytes = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:~_!-"u8);

    private readonly string _start = source.PartyCookie + "=";

    private readonly string _end =
        string.Create(CultureInfo.InvariantCulture, $"; path=/; max-age={(long)Math.Min(source.PartyTimeout.TotalSeconds, int.MaxValue)}") + TrackingScript.CookieAttributes(source);

    /// <summary>Renews the cookie with the answer to an event, if the page belongs to the cookie's site and the id is one that a tag makes.</summary>
    public void Renew(HttpContext context, QueryParameters query)
    {
        var index = query.IndexOf("p"u8);
        if (index < 0)
            return;
        var party = query.ValueOf(index);
        if (party.Length > ValueLengthMax || party.ContainsAnyExcept(IdBytes) || !DivolteIdentifier.TryParse(party, out _) || !IsOwnSite(context.Request))
            return;
        context.Response.Headers.SetCookie = _start + Encoding.ASCII.GetString(party) + _end;
    }

    /// <summary>
    /// Elsewhere the browser would keep the cookie for the collector's host, where no page reads it and it follows visitors across sites. Browsers say what kind of
    /// site asks; those that do not (over plain HTTP, and old ones) name the page.
    /// </summary>
    private bool IsOwnSite(HttpRequest request)
    {
        var domain = (source.CookieDomain ?? "").TrimStart('.');
        if (request.Headers["Sec-Fetch-Site"] is [{ } site])
            return site == "same-origin" || (site == "same-site" && domain.Length > 0);
        if (!Uri.TryCreate(request.Headers[HeaderNames.Referer].ToString(), UriKind.Absolute, out var page))
            return false;
        return domain.Length == 0
            ? page.Host.Equals(request.Host.Host, StringComparison.OrdinalIgnoreCase)
            : IsIn(page.Host, domain) && IsIn(request.Host.Host, domain);
    }

    private static bool IsIn(string host, string domain) =>
        host.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && (host.Length == domain.Length || host[^(domain.Length + 1)] == '.');
}
