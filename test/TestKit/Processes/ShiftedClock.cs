using System.Buffers.Binary;
using System.Diagnostics;
using Xunit;

namespace Divolte.TestKit.Processes;

/// <summary>
/// Sets the time of day of one process forward or back while it runs, below everything that it does, with a small library that is preloaded into it. Needs a C
/// compiler; elsewhere the test is skipped.
/// </summary>
public sealed class ShiftedClock : IDisposable
{
    private const string Variable = "SHIFTED_CLOCK";

    private readonly TemporaryFolder _folder = new();
    private readonly string _shift;

    private ShiftedClock() => _shift = Path.Combine(_folder.Path, "shift");

    /// <summary>What a process with this clock has in its environment.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string> { ["LD_PRELOAD"] = Path.Combine(_folder.Path, "shifted-clock.so"), [Variable] = _shift };

    /// <summary>Makes the library, or skips the running test.</summary>
    public static ShiftedClock CreateOrSkip()
    {
        if (!OperatingSystem.IsLinux() || !RedisProcess.IsInstalled("gcc"))
            Assert.Skip("needs a C compiler on Linux (Debian: apt-get install gcc libc6-dev)");
        var clock = new ShiftedClock();
        clock.Shift(TimeSpan.Zero);
        clock.Compile();
        return clock;
    }

    /// <summary>From now on the process's time of day is so far from the machine's.</summary>
    public void Shift(TimeSpan by)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, (long)by.TotalSeconds);
        using var file = new FileStream(_shift, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        file.Write(bytes); // in place: the process has the file mapped
    }

    public void Dispose() => _folder.Dispose();

    private void Compile()
    {
        var source = Path.Combine(RepositoryPaths.Root, "test", "TestKit", "Processes", "shifted-clock.c");
        using var compiler = Process.Start("gcc", ["-shared", "-fPIC", "-O2", "-o", Path.Combine(_folder.Path, "shifted-clock.so"), source, "-ldl", "-lpthread"]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }
}
