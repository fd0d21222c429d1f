namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>Where a piece of configuration was written.</summary>
/// <param name="Source">File name, <c>String</c> for text in memory, or what else gave the value.</param>
/// <param name="Line">Line, from 1; 0 when the source has no lines.</param>
internal readonly record struct HoconOrigin(string Source, int Line = 0)
{
    /// <summary>Source name of the built-in defaults, as upstream's library calls them.</summary>
    public const string BuiltInSource = "reference.conf";

    public bool IsBuiltIn => Source == BuiltInSource;

    public override string ToString() => Line > 0 ? $"{Source}: {Line}" : Source;
}
