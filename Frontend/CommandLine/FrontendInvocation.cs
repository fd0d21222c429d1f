using Divolte.Grains.Interfaces.Configuration.Loading;

namespace Divolte.Frontend.CommandLine;

/// <summary>What the command line of a frontend asks for.</summary>
internal enum FrontendCommand
{
    Run,
    Check,
    Tag,
    Help,
    Version,
}

/// <summary>The command line of a frontend, read: the options are a silo's.</summary>
internal sealed record FrontendInvocation
{
    public required FrontendCommand Command { get; init; }

    /// <summary>Which configuration to load: <c>--config</c>, <c>-D</c> options, and the environment.</summary>
    public required ConfigurationRequest Configuration { get; init; }

    /// <summary>What is wrong with the command line; null when nothing is.</summary>
    public string? Mistake { get; init; }

    /// <summary>What <c>--help</c> prints.</summary>
    public const string Usage = """
        Divolte.Orleans, frontend of a grid: takes events over HTTP and hands them to the silos. Keeps no state but its spool.

        Usage: divolte-frontend [--config FILE] [-Ddivolte.KEY=VALUE ...]   run
               divolte-frontend check [--config FILE]                       check the configuration; start nothing
               divolte-frontend tag [--config FILE]                         print the script elements for pages, with integrity digests
               divolte-frontend --version

        The configuration is that of the silos. Without --config the file divolte-collector.conf in the directory DIVOLTE_CONF_DIR is read.

        Exit codes: 0 done, 1 not started or refused by the cluster (standard error says why) or a check that failed, 2 a command line that is not
                    understood, 143 stopped by SIGTERM, 130 stopped by SIGINT.
        """;

    /// <param name="arguments">The arguments without the program's name.</param>
    public static FrontendInvocation Parse(IReadOnlyList<string> arguments)
    {
        var configuration = ConfigurationRequest.FromCommandLine(arguments, out var words);
        if (words.Any(word => word is "-h" or "--help" or "help"))
            return Of(FrontendCommand.Help);
        return words switch
        {
            [] => Of(FrontendCommand.Run),
            ["--version"] => Of(FrontendCommand.Version),
            ["check"] => Of(FrontendCommand.Check),
            ["tag"] => Of(FrontendCommand.Tag),
            ["--config"] => Of(FrontendCommand.Help) with { Mistake = "--config needs a file" },
            ["check" or "tag" or "--version", var surplus, ..] => Of(FrontendCommand.Help) with { Mistake = $"'{surplus}' is not understood here" },
            [var word, ..] => Of(FrontendCommand.Help) with { Mistake = $"'{word}' is not understood" },
        };

        FrontendInvocation Of(FrontendCommand command) => new() { Command = command, Configuration = configuration };
    }
}
