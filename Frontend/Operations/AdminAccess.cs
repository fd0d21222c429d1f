using System.Net;
using System.Security.Cryptography;
using System.Text;
using Divolte.Grains.Interfaces.Configuration;
using Microsoft.Extensions.Primitives;

namespace Divolte.Frontend.Operations;

/// <summary>
/// Who may see dashboard and status: callers from this host, and callers from elsewhere that bring the token, as <c>Authorization: Bearer</c> or, for a
/// browser's own dialogue, as the password of <c>Basic</c> with any user name.
/// </summary>
internal sealed class AdminAccess(AdminOptions options)
{
    private readonly byte[]? _token = string.IsNullOrEmpty(options.Token) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(options.Token));

    /// <summary>0 when the request may pass, else the status to answer: 401 when a token would help, 403 when nothing would.</summary>
    public int Refusal(HttpContext context)
    {
        if (IsLocal(context) || HasToken(context.Request.Headers.Authorization))
            return 0;
        return _token is null ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized;
    }

    /// <summary>
    /// From loopback, and under a name that only loopback has: a page from elsewhere whose host name was pointed at 127.0.0.1 would otherwise read along
    /// through the operator's browser.
    /// </summary>
    private static bool IsLocal(HttpContext context)
    {
        var peer = context.Connection.RemoteIpAddress;
        if (peer is null || !IPAddress.IsLoopback(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer))
            return false;
        var host = context.Request.Host.Host;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }

    private bool HasToken(StringValues authorization)
    {
        if (_token is null)
            return false;
        foreach (var value in authorization)
        {
            if (PresentedIn(value) is { } presented && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), _token))
                return true;
        }
        return false;
    }

    private static string? PresentedIn(string? authorization)
    {
        const string bearer = "Bearer ";
        const string basic = "Basic ";
        if (authorization is null)
            return null;
        if (authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
            return authorization[bearer.Length..].Trim();
        if (!authorization.StartsWith(basic, StringComparison.OrdinalIgnoreCase))
            return null;
        Span<byte> decoded = stackalloc byte[512];
        if (!Convert.TryFromBase64String(authorization[basic.Length..].Trim(), decoded, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(decoded[..length]);
        return pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? pair[(colon + 1)..] : null;
    }
}
