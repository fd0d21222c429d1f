using Divolte.Grains.Sinks.Unwritten;

namespace Divolte.Silo.CommandLine;

/// <summary>The words behind <c>sinks replay</c>.</summary>
internal sealed record ReplayArguments
{
    /// <summary>Only the dead letters of this sink; null for all active sinks.</summary>
    public string? Sink { get; init; }

    /// <summary>Which of them.</summary>
    public DeadLetterFilter Filter { get; init; } = new();

    /// <summary>Whether it is only told what would be done.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>What is wrong; null when nothing is.</summary>
    public string? Mistake { get; init; }

    public static ReplayArguments Read(IReadOnlyList<string> words)
    {
        var read = new ReplayArguments();
        for (var index = 0; index < words.Count && read.Mistake is null; index++)
        {
            var word = words[index];
            var equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
            var name = equals < 0 ? word : word[..equals];
            string? Value() => equals >= 0 ? word[(equals + 1)..] : ++index < words.Count ? words[index] : null;
            read = name switch
            {
                "--dry-run" when equals < 0 => read with { IsDryRun = true },
                "--mapping" => Value() is { Length: > 0 } mapping ? read with { Filter = read.Filter with { Mapping = mapping } } : Needs(name, "the name of a mapping"),
                "--reason" => Value() is { Length: > 0 } reason ? read with { Filter = read.Filter with { Reason = reason } } : Needs(name, "'unmappable', 'refused' or a text"),
                _ when name.StartsWith('-') => new ReplayArguments { Mistake = $"'{word}' is not understood here" },
                _ when read.Sink is null => read with { Sink = word },
                _ => new ReplayArguments { Mistake = $"sinks replay takes one sink, and '{word}' is a second" },
            };
        }
        return read;
    }

    private static ReplayArguments Needs(string option, string what) => new() { Mistake = $"{option} needs {what}" };
}
