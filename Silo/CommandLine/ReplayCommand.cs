using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Journal;
using Divolte.Grains.Journal.Redis.Connecting;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Unwritten;

namespace Divolte.Silo.CommandLine;

/// <summary>
/// <c>sinks replay</c>: puts dead letters back into the journal, each for its own mapping and sink. With a journal in files it needs a stopped server, whose
/// next start delivers them, because that journal has one writer; a grid may run, and delivers them at once. Listing (<c>--dry-run</c>) needs neither.
/// </summary>
internal sealed class ReplayCommand(ReplayArguments arguments, DivolteConfiguration configuration, MappingsOfSink mappings, TextWriter output, TextWriter error)
{
    private readonly ReplayReport _report = new();
    private readonly bool _isGrid = configuration.Global.Grid.Store == GridStore.Redis;
    private bool _isIncomplete;

    /// <returns>0 when everything asked for is back in the journal, or would be; 1 when something is not, and standard error says why.</returns>
    public static async Task<int> RunAsync(Invocation invocation, TextWriter output, TextWriter error)
    {
        var arguments = ReplayArguments.Read(invocation.Operands);
        var loaded = ConfigurationLoader.Load(invocation.Configuration);
        if (!loaded.TryGet(out var configuration))
            return AllMistakes.Print(loaded, error);
        using var host = SiloServices.Build(configuration);
        try
        {
            var command = new ReplayCommand(arguments, configuration, host.Services.GetRequiredService<MappingsOfSink>(), output, error);
            return arguments.IsDryRun ? command.Look() : await command.ReplayAsync(host.Services);
        }
        catch (Exception failure) when (StartFailure.Describe(failure) is { } reason)
        {
            await error.WriteLineAsync($"divolte: {reason}");
            return 1;
        }
        catch (Exception trouble) when (configuration.Global.Grid.Store == GridStore.Redis && RedisTroubles.IsTrouble(trouble))
        {
            await error.WriteLineAsync($"divolte: Redis cannot be used: {RedisTroubles.Describe(trouble)} Run the command again when it can; it goes on where it stopped.");
            return 1;
        }
    }

    private int Look()
    {
        foreach (var sink in ChooseSinks())
        {
            var directory = SinkWorkers.DeadLetterDirectoryOf(sink, configuration);
            var sorter = new DeadLetterSorter(mappings(sink.Name), arguments.Filter);
            foreach (var left in DeadLetterFiles.ListReplaying(directory, sink.Name))
                output.WriteLine($"{left.FullName}: a replay was cut short; these letters go first.");
            var staging = new ReplayStaging(sorter, sorted => _report.List(sorted, output));
            foreach (var file in DeadLetterFiles.List(directory, sink.Name))
                staging.Look(file);
        }
        _report.Print(output, isDryRun: true, _isGrid);
        return ExitCode();
    }

    private async Task<int> ReplayAsync(IServiceProvider services)
    {
        var sinks = ChooseSinks();
        var journal = OpenJournal(services);
        await services.GetRequiredService<SinkCursors>().InitializeAsync(
            [.. services.GetRequiredService<SinkCatalog>().Active.Select(sink => sink.Name)], CancellationToken.None);
        var replay = new DeadLetterReplay(journal);
        foreach (var sink in sinks)
        {
            if (await FindObstacleAsync(sink, journal) is { } obstacle)
                Complain(obstacle);
            else
                await ReplayAsync(sink, replay);
        }
        _report.Print(output, isDryRun: false, _isGrid);
        return ExitCode();
    }

    private async Task ReplayAsync(SinkOptions sink, DeadLetterReplay replay)
    {
        var directory = SinkWorkers.DeadLetterDirectoryOf(sink, configuration);
        var sorter = new DeadLetterSorter(mappings(sink.Name), arguments.Filter);
        foreach (var left in DeadLetterFiles.ListReplaying(directory, sink.Name))
        {
            output.WriteLine($"{left.FullName}: a replay was cut short and goes on.");
            await foreach (var letter in DeadLetterFiles.ReadAsync(left, CancellationToken.None))
                sorter.MarkReplayed(letter.Key);
        }
        var staging = new ReplayStaging(sorter, _report.Add);
        foreach (var file in DeadLetterFiles.List(directory, sink.Name))
        {
            if (!staging.Part(file))
                Complain($"{file.FullName} is being written by another process; its letters stay{(_isGrid ? " for a replay a few seconds after the last of them" : "")}.");
        }
        // All files first: only then no copy of a letter can be left in one when the letter is back in the journal.
        foreach (var replaying in DeadLetterFiles.ListReplaying(directory, sink.Name))
            await replay.RunAsync(replaying, letters => output.WriteLine($"{_report.Replay(letters)} letters are back in the journal."), CancellationToken.None);
    }

    private IReadOnlyList<SinkOptions> ChooseSinks()
    {
        var active = SinkCatalog.ActiveOf(configuration);
        if (arguments.Sink is not { } name)
            return active;
        return active.FirstOrDefault(sink => sink.Name == name) is { } chosen
            ? [chosen]
            : throw new StartException($"There is no active sink '{name}' in this configuration; active: {string.Join(", ", active.Select(sink => sink.Name))}.");
    }

    private IJournal OpenJournal(IServiceProvider services)
    {
        try
        {
            return services.GetRequiredService<IJournal>();
        }
        catch (JournalException exception) when (!_isGrid)
        {
            throw new StartException($"{exception.Message} A replay needs a stopped server; with --dry-run it does not.");
        }
    }

    /// <summary>Where a sink waits for an operator's decision, the answer "now" would lose what is replayed before.</summary>
    private static async Task<string?> FindObstacleAsync(SinkOptions sink, IJournal journal)
    {
        var stored = await journal.ListProgressAsync(CancellationToken.None);
        return stored.Any(progress => progress.Sink == sink.Name && progress.Position.Incarnation != journal.Incarnation)
            ? $"sink {sink.Name} stands still, because its progress is of another incarnation of the journal; nothing is replayed for it. {SinkCursors.HowToDecide(sink.Name)}"
            : null;
    }

    private void Complain(string what)
    {
        _isIncomplete = true;
        error.WriteLine($"divolte: {what}");
    }

    private int ExitCode() => _isIncomplete || _report.HasFailures ? 1 : 0;
}
