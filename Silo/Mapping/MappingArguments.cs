using System.Globalization;

namespace Divolte.Silo.Mapping;

/// <summary>The options of <c>map</c> and <c>mapping-test</c>. The second takes those of the collector's own mapping test server.</summary>
internal sealed record MappingArguments
{
    /// <summary>The mapping script; null for the built-in mapping, which only <c>map</c> may run.</summary>
    public string? Mapping { get; init; }

    /// <summary>The schema; null for the built-in one.</summary>
    public string? Schema { get; init; }

    /// <summary>Where the test server listens. Default <c>localhost</c>.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Where the test server listens. Default 8390; 0 takes a free port.</summary>
    public int Port { get; init; } = 8390;

    /// <summary>Whether <c>map</c> tells where each field comes from.</summary>
    public bool Explains { get; init; }

    /// <summary>File of events; <c>-</c> for standard input, the default.</summary>
    public string Events { get; init; } = "-";

    /// <summary>What is wrong with the options; null when nothing is.</summary>
    public string? Mistake { get; init; }

    /// <summary>Reads the words behind <c>map</c>.</summary>
    public static MappingArguments ForMap(IReadOnlyList<string> words)
    {
        var read = Read(words, isServer: false, out var files);
        if (read.Mistake is not null)
            return read;
        return files switch
        {
            _ when read is { Explains: true, Mapping: null } => read with { Mistake = "--explain needs --mapping FILE: the built-in mapping has no lines" },
            [] => read,
            [var events] => read with { Events = events },
            _ => read with { Mistake = $"map takes one file of events, and '{files[1]}' is a second" },
        };
    }

    /// <summary>Reads the words behind <c>mapping-test</c>.</summary>
    public static MappingArguments ForServer(IReadOnlyList<string> words)
    {
        var read = Read(words, isServer: true, out var files);
        if (read.Mistake is not null)
            return read;
        if (files.Count > 0)
            return read with { Mistake = $"'{files[0]}' is not understood here" };
        if (read.Schema is null)
            return read with { Mistake = "mapping-test needs --schema FILE" };
        return read.Mapping is null ? read with { Mistake = "mapping-test needs --mapping FILE" } : read;
    }

    private static MappingArguments Read(IReadOnlyList<string> words, bool isServer, out IReadOnlyList<string> others)
    {
        var (read, rest) = (new MappingArguments(), new List<string>());
        others = rest;
        for (var index = 0; index < words.Count; index++)
        {
            var word = words[index];
            if (word is "-" || !word.StartsWith('-'))
            {
                rest.Add(word);
                continue;
            }
            var (name, value) = Split(word);
            if (name == "--explain" && value is null && !isServer)
            {
                read = read with { Explains = true };
                continue;
            }
            if (!IsOption(name, isServer))
                return read with { Mistake = $"'{word}' is not understood here" };
            if (value is null && ++index < words.Count)
                value = words[index];
            if (string.IsNullOrEmpty(value))
                return read with { Mistake = $"{name} needs a value" };
            read = read.With(name, value);
            if (read.Mistake is not null)
                return read;
        }
        return read;
    }

    private static bool IsOption(string name, bool isServer) =>
        name is "--mapping" or "-m" or "--schema" or "-s" || isServer && name is "--host" or "-i" or "--port" or "-p";

    private static (string Name, string? Value) Split(string word)
    {
        var equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);
    }

    private MappingArguments With(string name, string value)
    {
        switch (name)
        {
            case "--mapping" or "-m":
                return this with { Mapping = value };
            case "--schema" or "-s":
                return this with { Schema = value };
            case "--host" or "-i":
                return this with { Host = value };
            default:
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
                    ? this with { Port = port }
                    : this with { Mistake = $"{name} needs a port number, not '{value}'" };
        }
    }
}
