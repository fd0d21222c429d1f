namespace Divolte.Grains.Sinks.Files;

/// <summary>The state files of one sink's writers: <c>SINK-N.json</c> in the folder <c>sinks</c> of the data directory.</summary>
/// <param name="store">The file system.</param>
/// <param name="directory">The folder.</param>
/// <param name="sink">Name of the sink.</param>
internal sealed class WriterStates(IFileStore store, string directory, string sink)
{
    private const string Suffix = ".json";
    private readonly string _prefix = Uri.EscapeDataString(sink) + "-";

    /// <summary>Replaces a writer's state, whole or not at all; durable when the call returns.</summary>
    public void Write(int writer, WriterState state)
    {
        var path = PathOf(writer);
        var text = state.ToJson();
        var staged = path + ".new";
        store.Delete(staged);
        using (var file = store.Create(staged))
        {
            file.Write(0, text);
            file.Sync();
        }
        store.Replace(staged, path);
    }

    /// <summary>All states there are, by the number of the writer, also of writers that the configuration no longer has.</summary>
    /// <exception cref="InvalidDataException">A state cannot be read; the message names its file.</exception>
    public IReadOnlyDictionary<int, WriterState> ReadAll()
    {
        var states = new Dictionary<int, WriterState>();
        foreach (var path in store.List(directory, Suffix))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith(_prefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(_prefix.Length, name.Length - _prefix.Length - Suffix.Length), out var writer))
                states[writer] = Read(path);
        }
        return states;
    }

    /// <summary>Forgets a writer.</summary>
    public void Delete(int writer) => store.Delete(PathOf(writer));

    /// <summary>Makes the folder if need be.</summary>
    public void Prepare()
    {
        if (!store.DirectoryExists(directory))
            store.CreateDirectory(directory);
    }

    private string PathOf(int writer) => Path.Combine(directory, $"{_prefix}{writer}{Suffix}");

    private WriterState Read(string path)
    {
        using var file = store.Open(path);
        var text = new byte[file.Length];
        file.Read(0, text);
        try
        {
            return WriterState.Parse(text);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path} is no state of a file sink: {exception.Message}", exception);
        }
    }
}
