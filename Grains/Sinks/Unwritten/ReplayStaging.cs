using System.Text;
using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Grains.Sinks.Unwritten;

/// <summary>
/// Parts a file of dead letters into those that go back into the journal and those that stay. Cut short anywhere, every letter is in one of the files; one
/// that is in two is told by its key.
/// </summary>
/// <param name="sorter">Says what becomes of each letter.</param>
/// <param name="onSorted">Told of each line, in order.</param>
internal sealed class ReplayStaging(DeadLetterSorter sorter, Action<SortedLetter> onSorted)
{
    private const string StagedExtension = ".new";
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Sorts without changing anything.</summary>
    public void Look(FileInfo file)
    {
        foreach (var line in LinesOf(file))
            onSorted(sorter.Sort(line));
    }

    /// <summary>Moves the letters that go back into a file of their own, which is listed from then on, and keeps the rest in place.</summary>
    /// <returns>False when another process is writing the file.</returns>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public bool Part(FileInfo file)
    {
        FileStream claim;
        try
        {
            claim = DeadLetterFiles.Claim(file.FullName);
        }
        catch (IOException) when (file.Directory!.Exists)
        {
            return false;
        }
        using (claim)
        {
            // What a replay that was killed here has left half written.
            foreach (var left in file.Directory!.EnumerateFiles(file.Name + "*" + StagedExtension))
                left.Delete();
            Part(file, file.FullName + DeadLetterFiles.ReplayingExtension + Guid.NewGuid().ToString("N"));
            return true;
        }
    }

    private void Part(FileInfo file, string replaying)
    {
        var (going, changed, staying) = (0, 0, 0);
        using (var goes = Stage(replaying))
        using (var stays = Stage(file.FullName))
        {
            foreach (var line in LinesOf(file))
            {
                var sorted = sorter.Sort(line);
                onSorted(sorted);
                if (sorted.Fate is ReplayFate.Replayed)
                {
                    goes.WriteLine(sorted.Line);
                    going++;
                }
                else if (sorted.Fate is not ReplayFate.Repetition)
                {
                    stays.WriteLine(sorted.Line);
                    staying++;
                }
                changed += sorted.Fate is ReplayFate.FailsAgain or ReplayFate.Repetition ? 1 : 0;
            }
        }
        // First the letters that go have their own file, then the others lose them: what lies between is a copy, never a gap.
        Settle(replaying, isWanted: going > 0);
        if (going + changed == 0)
            File.Delete(file.FullName + StagedExtension);
        else if (staying > 0)
            Settle(file.FullName, isWanted: true);
        else
        {
            File.Delete(file.FullName + StagedExtension);
            File.Delete(file.FullName);
        }
        StableStorage.SyncDirectory(file.DirectoryName!);
    }

    private static IEnumerable<string> LinesOf(FileInfo file)
    {
        using var lines = new StreamReader(new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Utf8);
        while (lines.ReadLine() is { } line)
        {
            if (line.Length > 0)
                yield return line;
        }
    }

    private static StreamWriter Stage(string path) => new(path + StagedExtension, append: false, Utf8) { NewLine = "\n" };

    private static void Settle(string path, bool isWanted)
    {
        var staged = path + StagedExtension;
        if (!isWanted)
        {
            File.Delete(staged);
            return;
        }
        using (var file = File.OpenHandle(staged, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        File.Move(staged, path, overwrite: true);
        StableStorage.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
