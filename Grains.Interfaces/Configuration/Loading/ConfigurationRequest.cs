namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary>What decides which configuration is loaded.</summary>
public sealed record ConfigurationRequest
{
    /// <summary>File named on the command line (<c>--config FILE</c>); null when none is.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where relative paths of configuration files start. Default: the process's working directory.</summary>
    public string WorkingDirectory { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Overrides from the command line, <c>-Dpath=value</c>; they go before those of <c>DIVOLTE_JAVA_OPTS</c>.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>Takes <c>--config FILE</c> and <c>-Dpath=value</c> from a command line, and the environment of this process.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="others">The arguments that say nothing about configuration, in order.</param>
    public static ConfigurationRequest FromCommandLine(IReadOnlyList<string> arguments, out IReadOnlyList<string> others)
    {
        var (rest, overrides) = (new List<string>(), new List<string>());
        string? file = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "--config" && i + 1 < arguments.Count)
                file = arguments[++i];
            else if (arguments[i].StartsWith("--config=", StringComparison.Ordinal))
                file = arguments[i]["--config=".Length..];
            else if (arguments[i].StartsWith("-D", StringComparison.Ordinal))
                overrides.Add(arguments[i]);
            else
                rest.Add(arguments[i]);
        }

        others = rest;
        var environment = System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value ?? "", StringComparer.Ordinal);
        return new ConfigurationRequest { ConfigFile = file, Overrides = overrides, Environment = environment };
    }
}
