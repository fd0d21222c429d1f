using System.Diagnostics;

namespace Divolte.TestKit.Processes;

/// <summary>Node programs of the checkout, run where their packages can be had. Tests are skipped with the reason elsewhere: the product needs no Node.</summary>
public static class NodePackages
{
    /// <summary>Copies a folder with a <c>package.json</c> and installs what it names.</summary>
    /// <param name="folder">The folder in the checkout; it is not written to.</param>
    /// <param name="target">Where the copy goes.</param>
    public static async Task InstallOrSkipAsync(string folder, string target)
    {
        Copy(new DirectoryInfo(folder), target);
        var (exitCode, output) = await RunOrSkipAsync("npm", target, TimeSpan.FromMinutes(3), "install", "--no-audit", "--no-fund", "--no-package-lock", "--no-save");
        Assert.SkipWhen(exitCode != 0, $"the packages of {Path.GetFileName(folder)} cannot be installed: {output}");
    }

    /// <summary>Runs a program in a folder; skips the test when there is no such program.</summary>
    /// <exception cref="TimeoutException">It did not end in time; it is ended.</exception>
    public static async Task<(int ExitCode, string Output)> RunOrSkipAsync(string program, string folder, TimeSpan limit, params string[] arguments) =>
        await RunOrSkipAsync(program, folder, limit, new Dictionary<string, string>(), arguments);

    /// <inheritdoc cref="RunOrSkipAsync(string, string, TimeSpan, string[])"/>
    public static async Task<(int ExitCode, string Output)> RunOrSkipAsync(
        string program, string folder, TimeSpan limit, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        Assert.SkipWhen(!IsThere(program), $"{program} is not installed");
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} was not started.");
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timer.CancelAfter(limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timer.Token);
            var error = process.StandardError.ReadToEndAsync(timer.Token);
            await process.WaitForExitAsync(timer.Token);
            return (process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {limit}.");
        }
    }

    /// <summary>Whether a program is on the path.</summary>
    public static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static void Copy(DirectoryInfo from, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in from.GetFiles())
            file.CopyTo(Path.Combine(target, file.Name));
        foreach (var folder in from.GetDirectories().Where(folder => folder.Name != "node_modules"))
            Copy(folder, Path.Combine(target, folder.Name));
    }
}
