using System.Diagnostics;
using Xunit;

namespace Divolte.TestKit.Processes;

/// <summary>A file system of a few megabytes, in memory, mounted for one test: the only honest way to a full disk.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string _filler;

    private SmallDisk(string path)
    {
        Path = path;
        _filler = System.IO.Path.Combine(path, "filler");
    }

    public string Path { get; }

    /// <summary>Mounts one, or skips the running test where that is not permitted.</summary>
    public static SmallDisk MountOrSkip(int megabytes)
    {
        var path = Directory.CreateTempSubdirectory("divolte-disk-").FullName;
        if (OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "divolte-test", path) == 0)
            return new SmallDisk(path);
        Directory.Delete(path);
        Assert.Skip("needs Linux and the right to mount a file system (root)");
        return null!;
    }

    /// <summary>A folder on it, made when missing.</summary>
    public string Below(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    /// <summary>Takes all room that is left.</summary>
    public void Fill()
    {
        using var file = File.OpenHandle(_filler, FileMode.OpenOrCreate, FileAccess.Write);
        var zeros = new byte[4096];
        try
        {
            for (var offset = RandomAccess.GetLength(file); ; offset += zeros.Length)
                RandomAccess.Write(file, zeros, offset);
        }
        catch (IOException)
        {
            // Full: what was wanted.
        }
    }

    /// <summary>Gives the room back that <see cref="Fill"/> took.</summary>
    public void MakeRoom() => File.Delete(_filler);

    public void Dispose()
    {
        // Lazily: a process that was just killed may still be letting go of a file.
        Run("umount", "--lazy", Path);
        Directory.Delete(Path, recursive: true);
    }

    private static int Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1; // there is no such command
        }
    }
}
