using Divolte.Silo.CommandLine;

namespace Divolte.Silo;

/// <summary>The program: reads the command line and does what it asks for.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var invocation = Invocation.Parse(arguments, Environment.GetEnvironmentVariable("DIVOLTE_JAVA_OPTS"));
        if (invocation.Mistake is { } mistake)
        {
            Console.Error.WriteLine($"divolte: {mistake}. See --help.");
            return 2;
        }
        Console.WriteLine(invocation.Command == Command.Version ? HelpText.Version : HelpText.Usage);
        return 0;
    }
}
