using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Silo.Mapping;

namespace Divolte.Silo.CommandLine;

/// <summary>What the command line asks for.</summary>
internal enum Command
{
    Run,
    Check,
    Cat,
    Sinks,
    Replay,
    Format,
    Map,
    MappingTest,
    Tag,
    Help,
    Version,
}

/// <summary>The command line, read. Own code: a few words and two options do not pay for a library.</summary>
internal sealed record Invocation
{
    public required Command Command { get; init; }

    /// <summary>Which configuration to load: <c>--config</c>, <c>-D</c> options, and the environment.</summary>
    public required ConfigurationRequest Configuration { get; init; }

    /// <summary>What follows the command.</summary>
    public IReadOnlyList<string> Operands { get; init; } = [];

    /// <summary>What is wrong with the command line; null when nothing is.</summary>
    public string? Mistake { get; init; }

    /// <param name="arguments">The arguments without the program's name.</param>
    public static Invocation Parse(IReadOnlyList<string> arguments)
    {
        var configuration = ConfigurationRequest.FromCommandLine(arguments, out var words);
        if (words.Any(word => word is "-h" or "--help" or "help"))
            return Of(Command.Help);
        return words switch
        {
            [] => Of(Command.Run),
            ["--version"] => Of(Command.Version),
            ["check"] => Of(Command.Check),
            ["tag"] => Of(Command.Tag),
            ["cat", _, ..] => Of(Command.Cat) with { Operands = [.. words.Skip(1)] },
            ["sinks", "release", _] => Of(Command.Sinks) with { Operands = [.. words.Skip(1)] },
            ["sinks", "restart", _, "oldest" or "now"] => Of(Command.Sinks) with { Operands = [.. words.Skip(1)] },
            ["sinks", "replay", ..] => Of(Command.Replay) with { Operands = [.. words.Skip(2)], Mistake = ReplayArguments.Read([.. words.Skip(2)]).Mistake },
            ["format"] or ["format", "raise"] or ["format", "raise", "--force"] => Of(Command.Format) with { Operands = [.. words.Skip(1)] },
            ["map", ..] => Of(Command.Map) with { Operands = [.. words.Skip(1)], Mistake = MappingArguments.ForMap([.. words.Skip(1)]).Mistake },
            ["mapping-test", ..] =>
                Of(Command.MappingTest) with { Operands = [.. words.Skip(1)], Mistake = MappingArguments.ForServer([.. words.Skip(1)]).Mistake },
            ["--config"] => Of(Command.Help) with { Mistake = "--config needs a file" },
            ["cat"] => Of(Command.Help) with { Mistake = "cat needs at least one file" },
            ["sinks", ..] => Of(Command.Help) with { Mistake = "sinks takes 'release NAME', 'restart NAME oldest|now' or 'replay [NAME]'" },
            ["format", ..] => Of(Command.Help) with { Mistake = "format takes nothing or 'raise [--force]'" },
            ["check" or "tag" or "--version", var surplus, ..] => Of(Command.Help) with { Mistake = $"'{surplus}' is not understood here" },
            [var word, ..] => Of(Command.Help) with { Mistake = $"'{word}' is not understood" },
        };

        Invocation Of(Command command) => new() { Command = command, Configuration = configuration };
    }
}
