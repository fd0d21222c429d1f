namespace Divolte.Grains.Interfaces.Configuration.Hocon.Files;

/// <summary>Finds and reads included files, within the bounds of <see cref="HoconLimits"/>.</summary>
/// <param name="files">The disk.</param>
/// <param name="builtIn">Text of the built-in defaults, the resource <c>reference.conf</c>.</param>
/// <param name="resourceDirectory">Where other resources are: upstream has <c>HADOOP_CONF_DIR</c> on its class path. Null for nowhere.</param>
internal sealed class HoconIncludes(IHoconFiles files, string builtIn, string? resourceDirectory)
{
    private static readonly string[] Extensions = [".properties", ".json", ".conf"];

    private readonly Stack<string> _open = [];
    private int _count;

    /// <summary>Reads and parses the target of an include; an empty object when there is none and it may be missing.</summary>
    /// <exception cref="HoconException">It is required and missing, cannot be read or parsed, or includes itself.</exception>
    public HoconObjectNode Read(HoconIncludeStatement statement, HoconSource source, HoconPath? at)
    {
        var merged = new HoconObjectNode(statement.Origin);
        var isFound = statement.Kind switch
        {
            HoconIncludeKind.Resource => MergeResource(merged, statement.Name, statement.Origin, at),
            HoconIncludeKind.Url => MergeFiles(merged, LocalPath(statement), statement.Origin, at),
            HoconIncludeKind.File => MergeFiles(merged, Path.Combine(source.Directory, statement.Name), statement.Origin, at),
            _ => MergeFiles(merged, Path.Combine(source.Directory, statement.Name), statement.Origin, at)
                || MergeResource(merged, statement.Name, statement.Origin, at),
        };
        return isFound || !statement.IsRequired
            ? merged
            : throw new HoconException(statement.Origin, $"the required include \"{statement.Name}\" was not found");
    }

    /// <summary>Reads and parses one file by its extension.</summary>
    /// <exception cref="HoconException">It cannot be read or parsed, or is being read already.</exception>
    public HoconObjectNode ReadFile(string path, HoconOrigin origin, HoconPath? at)
    {
        string text;
        try
        {
            text = files.Read(path);
        }
        catch (IOException exception)
        {
            throw new HoconException(origin, $"cannot read the file {path}: {exception.Message}");
        }

        return Guarded(path, origin, () => path.EndsWith(".properties", StringComparison.Ordinal)
            ? HoconProperties.Parse(text, path)
            : HoconParser.Parse(text, HoconSource.File(path), this, at));
    }

    private bool MergeResource(HoconObjectNode into, string name, HoconOrigin origin, HoconPath? at)
    {
        name = name.TrimStart('/');
        if (name is HoconOrigin.BuiltInSource or "reference")
        {
            into.Merge(Guarded(HoconOrigin.BuiltInSource, origin, () => HoconParser.Parse(builtIn, new HoconSource(HoconOrigin.BuiltInSource, "."), this, at)));
            return true;
        }

        return resourceDirectory is not null && MergeFiles(into, Path.Combine(resourceDirectory, name), origin, at);
    }

    private bool MergeFiles(HoconObjectNode into, string path, HoconOrigin origin, HoconPath? at)
    {
        // Only a name without one of the known extensions tries them all, the last winning.
        var hasExtension = Extensions.Any(extension => path.EndsWith(extension, StringComparison.Ordinal));
        var candidates = hasExtension ? [path] : Extensions.Select(extension => path + extension);
        var isFound = false;
        foreach (var candidate in candidates)
        {
            if (candidate.Contains('\0', StringComparison.Ordinal) || !files.Exists(candidate))
                continue;
            into.Merge(ReadFile(Path.GetFullPath(candidate), origin, at));
            isFound = true;
        }

        return isFound;
    }

    private HoconObjectNode Guarded(string name, HoconOrigin origin, Func<HoconObjectNode> parse)
    {
        if (_open.Contains(name))
            throw new HoconException(origin, $"the file {name} includes itself: {string.Join(" <- ", _open)}");
        if (_open.Count >= HoconLimits.IncludeDepth)
            throw new HoconException(origin, $"files include each other more than {HoconLimits.IncludeDepth} levels deep");
        if (++_count > HoconLimits.Includes)
            throw new HoconException(origin, $"more than {HoconLimits.Includes} files are included");
        _open.Push(name);
        try
        {
            return parse();
        }
        finally
        {
            _open.Pop();
        }
    }

    private static string LocalPath(HoconIncludeStatement statement) =>
        Uri.TryCreate(statement.Name, UriKind.Absolute, out var uri) && uri.IsFile
            ? uri.LocalPath
            : throw new HoconException(
                statement.Origin, $"cannot include \"{statement.Name}\": only file: addresses are read, nothing is fetched from a network at start");
}
