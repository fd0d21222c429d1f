namespace Divolte.Grains.Geo;

/// <summary>
/// Look-ups in a database whose file may be replaced while the process runs, by renaming, by writing over it or by turning a link. A look-up takes the
/// database that is there at its start and finishes in it; the old one goes when its last look-up has.
/// </summary>
internal sealed class GeoLookup : IGeoLookup
{
    private readonly string _path;
    private GeoDatabase _current;
    private GeoFileVersion? _loaded;
    private GeoFileVersion? _seen;

    private GeoLookup(string path, GeoDatabase database, GeoFileVersion? version)
    {
        _path = path;
        _current = database;
        _loaded = _seen = version;
    }

    /// <summary>The database that look-ups go to.</summary>
    public GeoDatabase Current => Volatile.Read(ref _current);

    /// <summary>Opens a database.</summary>
    /// <param name="path">Its file.</param>
    /// <exception cref="GeoDatabaseException">It is missing or cannot be used.</exception>
    public static GeoLookup Open(string path)
    {
        // Read before the file: a change in between is found at the next look.
        var version = GeoFile.VersionOf(path);
        return new GeoLookup(path, GeoFile.Read(path, out var problem) ?? throw new GeoDatabaseException(problem!), version);
    }

    public GeoPlace? Find(ReadOnlySpan<byte> address) => Current.Find(address);

    /// <summary>
    /// Looks whether the file has changed, and takes the new one once it has not changed since the last look: then whoever writes it has finished.
    /// Called at an even pace, by one caller.
    /// </summary>
    /// <param name="problem">Why the new file cannot be used; told once for each version of it.</param>
    public GeoReload Look(out string? problem)
    {
        problem = null;
        var version = GeoFile.VersionOf(_path);
        var isSettled = version == _seen;
        _seen = version;
        if (version == _loaded || !isSettled)
            return GeoReload.Unchanged;
        _loaded = version;
        if (GeoFile.Read(_path, out problem) is not { } database)
            return GeoReload.Refused;
        Volatile.Write(ref _current, database);
        return GeoReload.Taken;
    }
}

/// <summary>What a look at the file has led to.</summary>
internal enum GeoReload : byte
{
    /// <summary>It is the same, or still being written.</summary>
    Unchanged,

    /// <summary>Look-ups go to the new database.</summary>
    Taken,

    /// <summary>The new one cannot be used; look-ups go on in the old one.</summary>
    Refused,
}

/// <summary>A database that a start needs and cannot have. The message names the file.</summary>
internal sealed class GeoDatabaseException(string message) : Exception(message);
