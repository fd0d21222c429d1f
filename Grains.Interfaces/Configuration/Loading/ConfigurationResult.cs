using System.Diagnostics.CodeAnalysis;

namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary>A configuration with its warnings, or everything that is wrong with it.</summary>
public sealed class ConfigurationResult
{
    private readonly DivolteConfiguration? _configuration;

    internal ConfigurationResult(
        string? file,
        DivolteConfiguration? configuration,
        IReadOnlyList<ConfigurationViolation> violations,
        IReadOnlyList<ConfigurationWarning> warnings)
    {
        (File, Violations, Warnings, Draft) = (file, violations, warnings, configuration);
        _configuration = violations.Count == 0 ? configuration : null;
    }

    /// <summary>The configuration file that was read; null when only the built-in defaults apply.</summary>
    public string? File { get; }

    /// <summary>Whether there is nothing wrong with it.</summary>
    public bool IsValid => Violations.Count == 0;

    /// <summary>The configuration.</summary>
    /// <exception cref="InvalidOperationException">It is not valid.</exception>
    public DivolteConfiguration Configuration => _configuration ?? throw new InvalidOperationException("The configuration is invalid and cannot be used");

    /// <summary>All mistakes; empty for a valid configuration. Print each, then end with exit code 1.</summary>
    public IReadOnlyList<ConfigurationViolation> Violations { get; }

    /// <summary>What could be read, with defaults in the place of mistakes, for checks that go on beyond them; null when nothing could.</summary>
    public DivolteConfiguration? Draft { get; }

    /// <summary>What works, but perhaps not as meant. Print each.</summary>
    public IReadOnlyList<ConfigurationWarning> Warnings { get; }

    /// <summary>The configuration if it is valid.</summary>
    public bool TryGet([NotNullWhen(true)] out DivolteConfiguration? configuration)
    {
        configuration = _configuration;
        return configuration is not null;
    }
}
