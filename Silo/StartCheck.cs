using Divolte.Frontend.Telemetry;
using Divolte.Grains.Geo;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Kafka;

namespace Divolte.Silo;

/// <summary>What a start would stumble over beyond the configuration's own rules, each on its own, so that one mistake hides no other.</summary>
internal static class StartCheck
{
    /// <summary>Everything that keeps a start from going through: what this release does not have, the database of places, and the schemas and scripts of all mappings.</summary>
    /// <param name="configuration">What would be started.</param>
    /// <param name="warnings">What producer properties and scripts do that is allowed but hardly meant.</param>
    public static IReadOnlyList<string> FindProblems(DivolteConfiguration configuration, out IReadOnlyList<string> warnings)
    {
        warnings = KafkaSinks.PropertyWarnings(configuration);
        var problems = FindMissing(configuration).ToList();
        if (configuration.Global.Mapper.Ip2GeoDatabase is { } database && GeoFile.Read(database, out var unusable) is null)
            problems.Add(unusable!);
        if (OtlpSettings.FindProblem() is { } telemetry)
            problems.Add(telemetry);
        if (FindSpillProblem(configuration) is { } spill)
            problems.Add(spill);
        try
        {
            warnings = [.. warnings, .. new MappingCatalog(configuration, NoUserAgents.Instance).Warnings];
        }
        catch (MappingException problem)
        {
            problems.AddRange(problem.Mistakes);
        }
        return problems;
    }

    /// <summary>A silo starts without its spill directory, because it may be away for a moment; but then no sink can move its backlog, or deliver what lies there.</summary>
    private static string? FindSpillProblem(DivolteConfiguration configuration)
    {
        if (configuration.Global.Grid is not { Store: GridStore.Redis, Spill.Directory: { } directory })
            return null;
        if (!Directory.Exists(directory))
            return $"divolte.global.grid.spill.directory = {directory}: there is no such directory; it must be one that all silos of the grid share.";
        return StableStorage.IsWritable(directory) ? null : $"divolte.global.grid.spill.directory = {directory}: this process may not write there.";
    }

    /// <summary>Settings for what this release does not have. Starting anyway would promise what nobody keeps.</summary>
    public static IEnumerable<string> FindMissing(DivolteConfiguration configuration)
    {
        var global = configuration.Global;
        if (global.Grid is { Store: GridStore.Local, Spool.Directory: { } spool })
            yield return $"divolte.global.grid.spool.directory = {spool}: only frontends of a grid have a spool; with the local store the journal is one.";
        if (global.Hdfs.IsEnabled && global.Hdfs.Client?.GetValueOrDefault("fs.defaultFS") is { Length: > 0 } remote && !remote.StartsWith("file:", StringComparison.Ordinal))
            yield return $"divolte.global.hdfs.client: fs.defaultFS = {remote}, but this release writes to local file systems only.";
        foreach (var sink in SinkCatalog.ActiveOf(configuration).Where(sink => sink.DeadLetterTopic is not null))
            yield return $"divolte.sinks.{sink.Name}.dead_letters = {sink.DeadLetters}: this release keeps dead letters in directories only.";
        foreach (var sink in SinkCatalog.ActiveOf(configuration).Where(sink => sink is not (HdfsSinkOptions or KafkaSinkOptions)))
            yield return $"divolte.sinks.{sink.Name}: this release writes to Kafka and to local file systems only.";
    }
}
