using System.IO.Compression;

namespace Divolte.Grains.Tests.UserAgents;

/// <summary>Cases of other projects, unpacked from the archives beside the tests; each archive holds its licence.</summary>
internal static class CaseFiles
{
    /// <summary>The rows of all files of an archive whose name starts with a text; without the line of headings.</summary>
    public static IEnumerable<string[]> Rows(string archive, string start)
    {
        using var zip = ZipFile.OpenRead(PathOf(archive));
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.StartsWith(start, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(entry.Open());
            reader.ReadLine();
            while (reader.ReadLine() is { } line)
                yield return line.Split('\t');
        }
    }

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "UserAgents", "Golden", name);
}
