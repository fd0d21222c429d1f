namespace Divolte.Grains.Interfaces.Configuration.Hocon.Files;

/// <summary>Where a text is from.</summary>
/// <param name="Name">Name in messages: the path of a file, else <c>String</c>.</param>
/// <param name="Directory">Directory in which relative includes start.</param>
internal sealed record HoconSource(string Name, string Directory)
{
    /// <summary>A text in memory.</summary>
    public static HoconSource Memory(string directory) => new("String", directory);

    public static HoconSource File(string path) => new(path, Path.GetDirectoryName(path) is { Length: > 0 } directory ? directory : ".");
}
