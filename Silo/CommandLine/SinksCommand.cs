using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Spill;

namespace Divolte.Silo.CommandLine;

/// <summary><c>sinks</c>: decisions about cursors that only an operator can make. The data directory must not be in use.</summary>
internal static class SinksCommand
{
    public static async Task<int> RunAsync(Invocation invocation, TextWriter output, TextWriter error)
    {
        var loaded = ConfigurationLoader.Load(invocation.Configuration);
        if (!loaded.TryGet(out var configuration))
            return AllMistakes.Print(loaded, error);
        using var host = SiloServices.Build(configuration);
        try
        {
            var cursors = host.Services.GetRequiredService<SinkCursors>();
            switch (invocation.Operands)
            {
                case ["release", var sink]:
                    await cursors.ReleaseAsync(sink, CancellationToken.None);
                    SinkSpills.Delete(configuration, host.Services.GetRequiredService<IJournal>(), sink);
                    await output.WriteLineAsync($"Sink {sink} is released: nothing is kept for it any more.");
                    return 0;
                case ["restart", var sink, var where]:
                    await cursors.RestartAsync(sink, where == "oldest" ? CursorStart.Oldest : CursorStart.Now, CancellationToken.None);
                    await output.WriteLineAsync($"Sink {sink} starts at {(where == "oldest" ? "the oldest event that is kept" : "now")}.");
                    return 0;
                default:
                    throw new InvalidOperationException("The command line was read otherwise.");
            }
        }
        catch (Exception failure) when (StartFailure.Describe(failure) is { } reason)
        {
            await error.WriteLineAsync($"divolte: {reason}");
            return 1;
        }
    }
}
