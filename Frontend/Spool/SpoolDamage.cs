using System.Globalization;
using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Frontend.Spool;

/// <summary>The files that were found damaged: each is kept aside, as it was found, until an operator removes it.</summary>
internal sealed class SpoolDamage(IStableFiles files)
{
    private const string Mark = ".damaged-";

    private readonly Lock _lock = new();
    private readonly SortedSet<string> _names = new(files.List().Where(name => name.Contains(Mark, StringComparison.Ordinal)), StringComparer.Ordinal);

    /// <summary>What to tell an operator; empty when there is nothing to tell.</summary>
    public string Warning
    {
        get
        {
            lock (_lock)
            {
                return _names.Count == 0
                    ? ""
                    : $"Damaged spool files are kept in {files.Directory}: {string.Join(", ", _names)}. All whole parts were recovered; remove the files when they are examined.";
            }
        }
    }

    /// <summary>Copies a file aside under a new name, durably. When there is no room for that, the file is named all the same.</summary>
    public void KeepAside(string name)
    {
        lock (_lock)
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
                kept = name;
            }
            _names.Add(kept);
        }
    }

    private static string NameOf(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"{name}{Mark}{number}");
}
