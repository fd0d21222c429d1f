using System.Text.RegularExpressions;

namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary>Keeps passwords and tokens out of everything that is printed.</summary>
internal static partial class Secrets
{
    public const string Masked = "***";

    private static readonly string[] SecretWords =
        ["password", "passwd", "secret", "token", "jaas", "credential", "private.key", "keystore.key", "key.pem", "apikey", "api.key", "account.key", "auth.user.info"];

    /// <summary>A secret setting: the whole value, but of a Redis connection string only the password, so that hosts can still be checked.</summary>
    public static string Mask(string value) => value.Contains(':', StringComparison.Ordinal) && Password().IsMatch(value)
        ? Password().Replace(value, match => $"{match.Groups["name"].Value}{Masked}")
        : HostsOnly().IsMatch(value) ? value : Masked;

    /// <summary>A property of a client library: masked when its name says that it is a secret, empty ones excepted.</summary>
    public static string MaskProperty(string name, string value) =>
        value.Length > 0 && SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)) ? Masked : value;

    [GeneratedRegex("(?<name>(password|user)\\s*=\\s*)[^,;]*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Password();

    [GeneratedRegex("^[A-Za-z0-9_.-]+:[0-9]{1,5}(,[A-Za-z0-9_.-]+:[0-9]{1,5})*$", RegexOptions.CultureInvariant)]
    private static partial Regex HostsOnly();
}
