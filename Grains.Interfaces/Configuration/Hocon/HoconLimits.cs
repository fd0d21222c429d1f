namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>
/// Bounds of a configuration. No honest file comes near them; they keep a damaged or hostile one from using up
/// the stack, the memory or the patience of whoever starts the program.
/// </summary>
internal static class HoconLimits
{
    /// <summary>Characters in one file.</summary>
    public const int FileCharacters = 4 * 1024 * 1024;

    /// <summary>Levels of objects, lists and path elements.</summary>
    public const int Depth = 100;

    /// <summary>Includes inside includes.</summary>
    public const int IncludeDepth = 20;

    /// <summary>Files that one configuration may include altogether.</summary>
    public const int Includes = 200;

    /// <summary>Substitutions that lead to one another.</summary>
    public const int ResolveDepth = 300;

    /// <summary>Steps of resolving; substitutions that repeat each other grow exponentially without it.</summary>
    public const int ResolveSteps = 200_000;

    /// <summary>Values in the resolved tree, counted as often as they occur.</summary>
    public const int ResolvedValues = 1_000_000;

    /// <summary>Characters of one joined string.</summary>
    public const int JoinedCharacters = 1024 * 1024;
}
