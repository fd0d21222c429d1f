using System.Diagnostics;
using Confluent.Kafka;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Compose;

/// <summary>The compose files as they are shipped, built and run from stand-in base images, under load.</summary>
[Trait("Duration", "Long")]
public sealed class ComposeTests(SharedDocker shared, ITestOutputHelper output) : IClassFixture<SharedDocker>
{
    [Fact]
    public async Task Single_KilledOnce_HasEveryEventInItsFiles()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var docker = await shared.GetOrSkipAsync(cancellationToken);
        await using var project = await ComposeProject.UpOrSkipAsync(docker, "single.yml");
        await project.WaitUntilHealthyAsync("silo", 1, cancellationToken);
        var container = Assert.Single(await project.ContainersOfAsync("silo"));
        Assert.Equal("1654:1654 true", (await project.DockerAsync("inspect", "--format", "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}", container)).Trim());
        var (fleet, sent) = NewFleet(project.HttpPort);

        var visiting = fleet.RunAsync(cancellationToken);
        await WaitForAsync(fleet, visiting, events: 2_000, cancellationToken);
        await project.DockerAsync("kill", "--signal=KILL", container);
        await project.DockerAsync("start", container);
        await WaitForAsync(fleet, visiting, events: 4_000, cancellationToken);
        fleet.Finish();
        await visiting;
        output.WriteLine(fleet.DescribeWaits());
        await project.DockerAsync("stop", "-t", "40", container);

        Assert.Equal("143", (await project.DockerAsync("inspect", "--format", "{{.State.ExitCode}}", container)).Trim());
        using var folder = new TemporaryFolder();
        await project.DockerAsync("cp", $"{container}:/var/lib/divolte/data/files", folder.Path);
        Compare(sent, DeliveredFiles.Read(Path.Combine(folder.Path, "files")), isOrdered: true);
    }

    [Fact]
    public async Task Grid_ScaledToFiveSilosAndBackToTwo_LosesNothing()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var docker = await shared.GetOrSkipAsync(cancellationToken);
        await using var project = await ComposeProject.UpOrSkipAsync(docker, "grid.yml");
        await WaitUntilServingAsync(project, cancellationToken);
        var (fleet, sent) = NewFleet(project.HttpPort);

        var visiting = fleet.RunAsync(cancellationToken);
        await WaitForAsync(fleet, visiting, fleet.Done + 2_000, cancellationToken);
        foreach (var silos in new[] { 5, 2 })
        {
            await project.ScaleSilosAsync(silos);
            await project.WaitUntilHealthyAsync("silo", silos, cancellationToken);
            output.WriteLine($"{silos} silos with {fleet.Done} events acknowledged");
            await WaitForAsync(fleet, visiting, fleet.Done + 2_000, cancellationToken);
        }
        fleet.Finish();
        await visiting;
        output.WriteLine(fleet.DescribeWaits());

        Compare(sent, await ReadTopicAsync(project, sent, cancellationToken), isOrdered: false);
    }

    [Fact]
    public async Task Faults_EverythingKilledOverAndOver_LosesNothing()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var docker = await shared.GetOrSkipAsync(cancellationToken);
        await using var project = await ComposeProject.UpOrSkipAsync(docker, "grid.yml", "faults.yml");
        await WaitUntilServingAsync(project, cancellationToken);
        var (fleet, sent) = NewFleet(project.HttpPort);

        var visiting = fleet.RunAsync(cancellationToken);
        await WaitForRestartsAsync(project, visiting, silos: 6, others: 1, cancellationToken);
        fleet.Finish();
        await visiting;
        output.WriteLine(fleet.DescribeWaits());

        Compare(sent, await ReadTopicAsync(project, sent, cancellationToken), isOrdered: false);
    }

    private static async Task WaitUntilServingAsync(ComposeProject project, CancellationToken cancellationToken)
    {
        await project.WaitUntilHealthyAsync("silo", 3, cancellationToken);
        await project.WaitUntilHealthyAsync("nginx", 1, cancellationToken);
        foreach (var service in new[] { "silo", "frontend-1", "frontend-2", "redis", "nginx" })
        {
            var containers = await project.ContainersOfAsync(service);
            var facts = await project.DockerAsync(["inspect", "--format", "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{gt .HostConfig.Memory 0}}", .. containers]);
            Assert.All(facts.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), line =>
            {
                Assert.EndsWith(" true true", line, StringComparison.Ordinal);
                Assert.DoesNotMatch("^(0|root)?(:| )", line);
            });
        }
    }

    /// <summary>Waits until silos, and Redis and Kafka each, have been killed and started again so often.</summary>
    private static async Task WaitForRestartsAsync(ComposeProject project, Task visiting, int silos, int others, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(8));
        while (await RestartsOfAsync(project, "silo") < silos || await RestartsOfAsync(project, "redis") < others || await RestartsOfAsync(project, "kafka") < others)
        {
            if (visiting.IsCompleted)
                await visiting;
            await Task.Delay(500, limit.Token);
        }
    }

    private static async Task<int> RestartsOfAsync(ComposeProject project, string service)
    {
        var counts = await project.DockerAsync(["inspect", "--format", "{{.RestartCount}}", .. await project.ContainersOfAsync(service)]);
        return counts.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Sum(count => int.Parse(count, provider: null));
    }

    /// <summary>Reads the topic until it has every acknowledged event; what is still missing after three minutes is for the comparison to tell.</summary>
    private static async Task<IReadOnlyList<DeliveredEvent>> ReadTopicAsync(ComposeProject project, SentEvents sent, CancellationToken cancellationToken)
    {
        var schema = Avro.Schema.Parse(File.ReadAllText(Path.Combine(RepositoryPaths.Root, "Grains", "Schemas", "DefaultEventRecord.avsc")));
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var delivered = DeliveredMessages.Read(project.Bootstrap, "divolte", schema);
                var counts = delivered.CountBy(record => record.Number).ToDictionary();
                if (clock.Elapsed > TimeSpan.FromMinutes(3) || sent.All.All(one => counts.GetValueOrDefault(one.Beacon.Number) >= one.Acknowledged))
                    return delivered;
            }
            catch (Exception trouble) when (trouble is KafkaException or TimeoutException && clock.Elapsed < TimeSpan.FromMinutes(3))
            {
                // The broker is on its way back.
            }
            await Task.Delay(1000, cancellationToken);
        }
    }

    private static (VisitorFleet Fleet, SentEvents Sent) NewFleet(int port)
    {
        var sent = new SentEvents();
        return (new VisitorFleet(new VisitorFleetSettings { Port = port, Seed = 1, Events = int.MaxValue, Connections = 8 }, sent), sent);
    }

    private static async Task WaitForAsync(VisitorFleet fleet, Task visiting, long events, CancellationToken cancellationToken)
    {
        while (fleet.Done < events)
        {
            if (visiting.IsCompleted)
                await visiting;
            await Task.Delay(20, cancellationToken);
        }
    }

    /// <param name="sent">What the visitors know.</param>
    /// <param name="delivered">The records.</param>
    /// <param name="isOrdered">Whether order is promised: not where a frontend may have spooled, as those of the grid do when an answer would take too long.</param>
    private void Compare(SentEvents sent, IReadOnlyList<DeliveredEvent> delivered, bool isOrdered)
    {
        output.WriteLine($"{sent.All.Count} events, {sent.All.Sum(one => one.Sends)} sends, {sent.All.Sum(one => one.Acknowledged)} acknowledged; {delivered.Count} records");
        Assert.Empty(DeliveryComparison.FindBreaches(sent, delivered, isExactlyOnce: true, isOrdered).Take(20));
    }
}
