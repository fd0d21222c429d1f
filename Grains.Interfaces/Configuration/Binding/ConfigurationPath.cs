using System.Text;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration.Binding;

/// <summary>Where a setting is, in the two forms that messages use.</summary>
/// <param name="InFile">Dotted, as in the file: <c>divolte.sources.browser.party_cookie</c>.</param>
/// <param name="InModel">As upstream names a broken rule: <c>divolte.sources[browser].partyCookie</c>.</param>
internal readonly record struct ConfigurationPath(string InFile, string InModel)
{
    public static ConfigurationPath Root { get; } = new("divolte", "divolte");

    public ConfigurationPath Key(string key)
    {
        var camelCase = new StringBuilder(key.Length);
        for (var i = 0; i < key.Length; i++)
            _ = key[i] == '_' && i + 1 < key.Length ? camelCase.Append(char.ToUpperInvariant(key[++i])) : camelCase.Append(key[i]);
        return new($"{InFile}.{HoconPath.Quote(key)}", $"{InModel}.{camelCase}");
    }

    /// <summary>One named source, mapping or sink.</summary>
    public ConfigurationPath Entry(string name) => new($"{InFile}.{HoconPath.Quote(name)}", $"{InModel}[{name}]");

    public override string ToString() => InFile;
}
