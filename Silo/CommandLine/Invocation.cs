namespace Divolte.Silo.CommandLine;

/// <summary>What the command line asks for.</summary>
internal enum Command
{
    Run,
    Check,
    Cat,
    Help,
    Version,
}

/// <summary>The command line, read. Own code: four words and two options do not pay for a library.</summary>
internal sealed record Invocation
{
    public Command Command { get; private init; }

    /// <summary>The file after <c>--config</c>; null when there is none.</summary>
    public string? ConfigurationFile { get; private init; }

    /// <summary>What <c>-Dname=value</c> said, in order; also that of <c>DIVOLTE_JAVA_OPTS</c>, which comes first so that the command line wins.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Properties { get; private init; } = [];

    /// <summary>The files after <c>cat</c>.</summary>
    public IReadOnlyList<string> Files { get; private init; } = [];

    /// <summary>What is wrong with the command line; null when nothing is.</summary>
    public string? Mistake { get; private init; }

    /// <param name="arguments">The arguments without the program's name.</param>
    /// <param name="javaOptions">The variable <c>DIVOLTE_JAVA_OPTS</c>: its <c>-D</c> items count, the rest was meant for a Java machine.</param>
    public static Invocation Parse(IReadOnlyList<string> arguments, string? javaOptions = null)
    {
        var command = Command.Run;
        string? configurationFile = null;
        var properties = new List<KeyValuePair<string, string>>();
        var files = new List<string>();
        foreach (var item in (javaOptions ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (item.StartsWith("-Ddivolte.", StringComparison.Ordinal) && PropertyOf(item) is { } property)
                properties.Add(property);
        }
        for (var index = 0; index < arguments.Count; index++)
        {
            var argument = arguments[index];
            switch (argument)
            {
                case "-h" or "--help" or "help":
                    return new Invocation { Command = Command.Help };
                case "--version":
                    return new Invocation { Command = Command.Version };
                case "check" when command == Command.Run:
                    command = Command.Check;
                    break;
                case "cat" when command == Command.Run:
                    command = Command.Cat;
                    break;
                case "-c" or "--config":
                    if (++index == arguments.Count)
                        return Wrong($"{argument} needs a file");
                    configurationFile = arguments[index];
                    break;
                case var option when option.StartsWith("--config=", StringComparison.Ordinal):
                    configurationFile = option["--config=".Length..];
                    break;
                case var option when option.StartsWith("-D", StringComparison.Ordinal):
                    if (PropertyOf(option) is not { } property)
                        return Wrong($"{option} is not of the form -Dname=value");
                    properties.Add(property);
                    break;
                case var file when command == Command.Cat && (file == "-" || !file.StartsWith('-')):
                    files.Add(file);
                    break;
                default:
                    return Wrong($"'{argument}' is not understood");
            }
        }
        if (command == Command.Cat && files.Count == 0)
            return Wrong("cat needs at least one file");
        return new Invocation { Command = command, ConfigurationFile = configurationFile, Properties = properties, Files = files };
    }

    private static Invocation Wrong(string mistake) => new() { Command = Command.Help, Mistake = mistake };

    private static KeyValuePair<string, string>? PropertyOf(string option)
    {
        var equals = option.IndexOf('=', StringComparison.Ordinal);
        return equals > 2 ? new KeyValuePair<string, string>(option[2..equals], option[(equals + 1)..]) : null;
    }
}
