using System.Globalization;

namespace Divolte.Grains.Interfaces.StableFiles;

/// <summary>The files that were found damaged: each is kept aside, as it was found, until an operator removes it.</summary>
/// <param name="files">The directory.</param>
/// <param name="store">Whose files they are, for the warning: <c>journal</c>, <c>spool</c>.</param>
/// <param name="pieces">What is recovered from them all the same.</param>
public sealed class DamagedFiles(IStableFiles files, string store, string pieces)
{
    private const string Mark = ".damaged-";

    private readonly Lock _gate = new();
    private readonly SortedSet<string> _names = new(files.List().Where(name => name.Contains(Mark, StringComparison.Ordinal)), StringComparer.Ordinal);

    /// <summary>What to tell an operator; empty when there is nothing to tell.</summary>
    public string Warning
    {
        get
        {
            lock (_gate)
            {
                return _names.Count == 0
                    ? ""
                    : $"Damaged {store} files are kept in {files.Directory}: {string.Join(", ", _names)}. All {pieces} were recovered; remove the files when they are examined.";
            }
        }
    }

    /// <summary>Whether an earlier state of the file is kept.</summary>
    public bool HasCopyOf(string name)
    {
        lock (_gate)
            return _names.Contains(NameOf(name, 1));
    }

    /// <summary>Copies a file aside under a new name, durably.</summary>
    /// <returns>The new name; null when there is no room for it. The damaged file is named in the warning either way.</returns>
    public string? TryKeepCopy(string name)
    {
        lock (_gate)
        {
            var number = 1;
            while (_names.Contains(NameOf(name, number)))
                number++;
            var kept = NameOf(name, number);
            try
            {
                files.Copy(name, kept);
                files.SyncDirectory();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                files.Delete(kept);
                _names.Add(name);
                return null;
            }
            _names.Add(kept);
            return kept;
        }
    }

    private static string NameOf(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"{name}{Mark}{number}");
}
