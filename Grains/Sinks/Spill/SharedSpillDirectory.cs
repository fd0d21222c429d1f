using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// The spill files of a cluster in a directory that all its silos see. No silo can tell from the inside whether a directory is shared, or whether its volume is
/// mounted at all; so the first one leaves a file there and its name in the store, and nothing is read or written where that file is not.
/// </summary>
/// <param name="root">As <c>divolte.global.grid.spill.directory</c>. It must be there.</param>
/// <param name="cluster">Name of the cluster.</param>
/// <param name="journal">The store. Its own name is part of the path: an emptied store does not take the files of the former one for its own.</param>
internal sealed class SharedSpillDirectory(string root, string cluster, IJournal journal)
{
    private const string MarkExtension = ".shared";

    private readonly string _root = System.IO.Path.GetFullPath(root);
    private volatile string? _mark;

    /// <summary>With one folder a sink in it.</summary>
    private string Path => System.IO.Path.Combine(_root, $"{cluster}-{journal.Name}");

    /// <summary>The folder of a sink.</summary>
    public string PathOf(string sink) => System.IO.Path.Combine(Path, sink);

    /// <summary>Makes sure that this is the directory of the other silos.</summary>
    /// <exception cref="IOException">It is not, or cannot be reached.</exception>
    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        _mark = await journal.AgreeOnSpillMarkAsync(null, cancellationToken) ?? await ProposeAsync(cancellationToken);
        Require();
    }

    /// <summary>Makes the folder of a sink, durably, before its first file.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public void Prepare(string sink)
    {
        Require();
        if (Directory.Exists(PathOf(sink)))
            return;
        Directory.CreateDirectory(PathOf(sink));
        StableStorage.SyncDirectory(Path);
    }

    private async ValueTask<string?> ProposeAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_root))
            throw new IOException($"The spill directory {_root} does not exist: is its volume mounted?");
        var proposed = _mark ?? Guid.NewGuid().ToString("N") + MarkExtension;
        var file = System.IO.Path.Combine(Path, proposed);
        Directory.CreateDirectory(Path);
        File.WriteAllBytes(file, []);
        StableStorage.SyncDirectory(Path);
        StableStorage.SyncDirectory(_root);
        var agreed = await journal.AgreeOnSpillMarkAsync(proposed, cancellationToken);
        if (agreed != proposed)
            File.Delete(file);
        return agreed;
    }

    private void Require()
    {
        if (_mark is not { } mark || !File.Exists(System.IO.Path.Combine(Path, mark)))
            throw new IOException($"{Path} is not the spill directory of the other silos, which holds the file {_mark}: mount the same volume in all of them.");
    }
}
