using System.Net;
using System.Net.Sockets;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Single;

/// <summary>A start that cannot succeed says why in one line, ends with exit code 1 and leaves nothing running.</summary>
public sealed class StartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task PortInUse_IsNamed()
    {
        using var folder = new TemporaryFolder();
        using var occupant = new TcpListener(IPAddress.Loopback, 0);
        occupant.Start();
        var port = ((IPEndPoint)occupant.LocalEndpoint).Port;

        var output = await FailAsync(SingleSilo.Settings(folder) with { Port = port });

        Assert.Contains($"Cannot listen on localhost:{port}: the port is in use by another process.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataDirectoryOfARunningProcess_IsNamed()
    {
        using var folder = new TemporaryFolder();
        var settings = SingleSilo.Settings(folder);
        await using var running = await SingleSilo.StartAsync(folder, settings);

        var output = await FailAsync(settings with { Port = FreePort.Next(), AdminPort = FreePort.Next() });

        Assert.Contains(settings.DataDirectory, output, StringComparison.Ordinal);
        await running.SendPageViewAsync(1);
    }

    [Fact]
    public async Task DataDirectoryThatCannotBeMade_IsNamed()
    {
        using var folder = new TemporaryFolder();
        var settings = SingleSilo.Settings(folder) with { DataDirectory = Path.Combine(folder.Write("file", "no directory"), "data") };

        var output = await FailAsync(settings);

        Assert.Contains(settings.DataDirectory, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishDirectoryThatIsMissing_IsNamed()
    {
        using var folder = new TemporaryFolder();
        var settings = SingleSilo.Settings(folder);
        Directory.Delete(folder.Below("published"));

        var output = await FailAsync(settings);

        Assert.Contains(Path.Combine(folder.Path, "published"), output, StringComparison.Ordinal);
    }

    /// <summary>A place where not even root can make a file.</summary>
    [Fact]
    public async Task PublishDirectoryThatCannotBeWritten_IsNamed()
    {
        using var folder = new TemporaryFolder();
        var configuration = folder.Write("divolte-collector.conf", $$"""
            divolte {
              sinks.files { type = hdfs, file_strategy { working_dir = "{{folder.Below("working")}}", publish_dir = /proc } }
              mappings.all { sources = [browser], sinks = [files] }
            }
            """);

        var output = await FailAsync(
            new SiloProcessSettings { DataDirectory = folder.Below("data"), WorkingDirectory = folder.Path, Arguments = ["--config", configuration] });

        Assert.Contains("sink files: the publish directory /proc cannot be written", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Below("working")));
    }

    [Fact]
    public async Task InvalidConfiguration_TellsEveryMistake()
    {
        using var folder = new TemporaryFolder();
        var settings = SingleSilo.Settings(folder, global: "server { port = 70000 }, mapper { threads = 0 }") with { };

        var output = await FailAsync(settings);

        Assert.Contains("divolte.global.server.port", output, StringComparison.Ordinal);
        Assert.Contains("divolte.global.mapper.threads", output, StringComparison.Ordinal);
    }

    /// <summary>A port that was in use, in the end: the same directory starts, nothing holds it any more.</summary>
    [Fact]
    public async Task FailedStart_LeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        var settings = SingleSilo.Settings(folder);
        using (var occupant = new TcpListener(IPAddress.Loopback, settings.Port))
        {
            occupant.Start();
            await FailAsync(settings);
        }

        await using var silo = await SingleSilo.StartAsync(folder, settings);
        await silo.SendPageViewAsync(1);

        Assert.Single(await silo.WaitForRecordsAsync(1));
    }

    [Theory]
    [InlineData("no-such-host.invalid", "no-such-host.invalid:")]
    [InlineData("203.0.113.77", "203.0.113.77:")]
    [InlineData("'127.0.0.1'", "'127.0.0.1':")]
    public async Task HostThatIsNotOfThisMachine_IsNamed(string host, string named)
    {
        using var folder = new TemporaryFolder();

        var output = await FailAsync(SingleSilo.Settings(folder, global: $"server {{ host = {host} }}"));

        Assert.Contains("Cannot listen on " + named, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigurationFileThatIsMissing_IsNamed()
    {
        using var folder = new TemporaryFolder();
        await using var process = SiloProcess.Launch(
            new SiloProcessSettings { DataDirectory = folder.Below("data"), WorkingDirectory = folder.Path, Arguments = ["--config", "missing.conf"] });

        Assert.Equal(1, await process.WaitForExitAsync(Patience));

        Assert.Contains(Path.Combine(folder.Path, "missing.conf"), process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MistakesOfAScript_AreToldWithFileAndLineAndNothingElseIsStarted()
    {
        using var folder = new TemporaryFolder();
        var script = folder.Write("mapping.groovy", "mapping {\n  map nothing() onto 'location'\n}\n");
        var settings = SingleSilo.Settings(folder, mapping: $"mapping_script_file = \"{script}\"");

        var output = await FailAsync(settings);

        Assert.Contains("mapping.groovy", output, StringComparison.Ordinal);
        Assert.Contains("nothing", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Listening", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HttpOff_KeepsThePublicPortClosed()
    {
        using var folder = new TemporaryFolder();
        var settings = SingleSilo.Settings(folder, global: "grid { http = off }") with { IsServingHttp = false };
        await using var silo = await SingleSilo.StartAsync(folder, settings);

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var refusal = await Assert.ThrowsAsync<SocketException>(
            () => socket.ConnectAsync(IPAddress.Loopback, settings.Port, TestContext.Current.CancellationToken).AsTask());

        Assert.Equal(SocketError.ConnectionRefused, refusal.SocketErrorCode);
        Assert.Contains(await silo.Process.StopAsync(Patience), new[] { 0, 143 });
    }

    [Fact]
    public async Task AdminPortInUse_IsAWarningOnly()
    {
        using var folder = new TemporaryFolder();
        using var occupant = new TcpListener(IPAddress.Loopback, 0);
        occupant.Start();
        var port = ((IPEndPoint)occupant.LocalEndpoint).Port;

        await using var silo = await SingleSilo.StartAsync(folder, SingleSilo.Settings(folder) with { AdminPort = port });

        await silo.SendPageViewAsync(1);
        Assert.Contains("No admin port", silo.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoProcessesOnOneHost_Work()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        await using var one = await SingleSilo.StartAsync(first);
        await using var other = await SingleSilo.StartAsync(second);

        await one.SendPageViewAsync(1);
        await other.SendPageViewAsync(1);

        Assert.False(Assert.Single(await one.WaitForRecordsAsync(1)).IsDuplicate);
        Assert.False(Assert.Single(await other.WaitForRecordsAsync(1)).IsDuplicate);
    }

    /// <summary>Starts what must not start, and returns what it said.</summary>
    private static async Task<string> FailAsync(SiloProcessSettings settings)
    {
        await using var process = SiloProcess.Launch(settings);
        Assert.Equal(1, await process.WaitForExitAsync(Patience));
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal); // a reason, no stack trace
        return process.Output;
    }
}
