using System.Text.Json;
using System.Text.RegularExpressions;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Silo;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Kubernetes;

/// <summary>
/// The Kubernetes manifests without a cluster: they render, every member of theirs is in the schemas, and what they say agrees with itself, with the images and
/// with the program.
/// </summary>
public sealed partial class ManifestTests
{
    [Theory]
    [InlineData("base")]
    [InlineData("spool")]
    [InlineData("spill")]
    public async Task Manifests_AgreeWithSchemasImagesAndProgram(string folder)
    {
        var manifests = await RenderedManifests.RenderOrSkipAsync(folder);

        Assert.Empty(manifests.Problems);
        Assert.Equal(["divolte-frontend", "divolte-silo"], manifests.Pods.Keys.Order());
        Assert.All(manifests.Pods, pod => CheckPod(pod.Key, pod.Value));
        CheckReferences(manifests);
        CheckNetwork(manifests);
        CheckStop(manifests);
    }

    [Fact]
    public void Configurations_AreValid()
    {
        string[] files = [InRepository("compose", "grid", "divolte-collector.conf"), InRepository("compose", "kubernetes", "base", "divolte-collector.conf")];

        Assert.All(files, file => Assert.Empty(StartCheck.FindProblems(Load(file), out _)));
    }

    /// <summary>What compose kills after <c>stop_grace_period</c> must have had the time to stop by itself.</summary>
    [Fact]
    public void ComposeGracePeriod_CoversAStop()
    {
        var server = Load(InRepository("compose", "grid", "divolte-collector.conf")).Global.Server;
        var periods = GracePeriod().Matches(File.ReadAllText(InRepository("compose", "grid.yml"))).Select(match => int.Parse(match.Groups[1].Value, provider: null)).ToList();

        Assert.NotEmpty(periods);
        Assert.All(periods, seconds => Assert.True(TimeSpan.FromSeconds(seconds) >= server.ShutdownDelay + server.ShutdownTimeout + SiloServer.FlushTimeout));
    }

    /// <summary>A misspelt variable would be ignored without a word.</summary>
    [Fact]
    public void Variables_AreKnownToTheProgram()
    {
        var known = File.ReadAllText(InRepository("docs", "configuration.md"));
        string[] files =
        [
            .. Directory.GetFiles(InRepository("compose", "kubernetes"), "*.yaml", SearchOption.AllDirectories),
            InRepository("compose", "single.yml"), InRepository("compose", "grid.yml"),
            InRepository("compose", "silo.Dockerfile"), InRepository("compose", "frontend.Dockerfile"),
        ];

        var named = files.SelectMany(file => SetVariable().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).ToHashSet();

        Assert.Contains("DIVOLTE_REDIS", named);
        Assert.DoesNotContain(named, name => !known.Contains(name, StringComparison.Ordinal));
    }

    private static void CheckPod(string name, JsonElement pod)
    {
        var security = pod.GetProperty("spec").GetProperty("securityContext");
        Assert.True(security.GetProperty("runAsNonRoot").GetBoolean());
        var dockerfile = File.ReadAllText(InRepository("compose", name.Replace("divolte-", "", StringComparison.Ordinal) + ".Dockerfile"));
        Assert.Contains($"\nUSER {security.GetProperty("runAsUser").GetInt32()}:{security.GetProperty("runAsGroup").GetInt32()}\n", dockerfile, StringComparison.Ordinal);
        var exposed = Exposed().Match(dockerfile).Groups[1].Value.Split(' ');
        Assert.All(RenderedManifests.PortsOf(pod).Values, port => Assert.Contains(port.ToString(provider: null), exposed));
        var container = Assert.Single(RenderedManifests.ContainersOf(pod));
        Assert.True(container.GetProperty("securityContext").GetProperty("readOnlyRootFilesystem").GetBoolean());
        Assert.False(container.GetProperty("securityContext").GetProperty("allowPrivilegeEscalation").GetBoolean());
        Assert.True(container.GetProperty("resources").GetProperty("limits").TryGetProperty("memory", out _));
        CheckProbes(pod, container);
    }

    private static void CheckProbes(JsonElement pod, JsonElement container)
    {
        foreach (var (probe, path) in new[] { ("startupProbe", "/live"), ("livenessProbe", "/live"), ("readinessProbe", "/ready") })
        {
            var get = container.GetProperty(probe).GetProperty("httpGet");
            Assert.Equal(path, get.GetProperty("path").GetString());
            Assert.Equal(8291, RenderedManifests.PortsOf(pod)[get.GetProperty("port").GetString()!]);
        }
    }

    private static void CheckReferences(RenderedManifests manifests)
    {
        foreach (var service in manifests.OfKind("Service"))
        {
            var pod = Assert.Single(manifests.PodsOf(service.GetProperty("spec").GetProperty("selector")));
            Assert.All(service.GetProperty("spec").GetProperty("ports").EnumerateArray(), port =>
                Assert.Contains(port.GetProperty("targetPort").GetString(), RenderedManifests.PortsOf(pod).Keys));
        }
        foreach (var budget in manifests.OfKind("PodDisruptionBudget"))
            Assert.Single(manifests.PodsOf(budget.GetProperty("spec").GetProperty("selector").GetProperty("matchLabels")));
        foreach (var scaler in manifests.OfKind("HorizontalPodAutoscaler"))
        {
            var target = scaler.GetProperty("spec").GetProperty("scaleTargetRef");
            Assert.Single(manifests.OfKind(target.GetProperty("kind").GetString()!), one => RenderedManifests.NameOf(one) == target.GetProperty("name").GetString());
        }
        var configuration = RenderedManifests.NameOf(Assert.Single(manifests.OfKind("ConfigMap")));
        Assert.All(manifests.Pods.Values, pod => Assert.Contains(
            pod.GetProperty("spec").GetProperty("volumes").EnumerateArray(),
            volume => volume.TryGetProperty("configMap", out var map) && map.GetProperty("name").GetString() == configuration));
    }

    private static void CheckNetwork(RenderedManifests manifests)
    {
        var policies = manifests.OfKind("NetworkPolicy").ToList();
        Assert.Equal(manifests.Pods.Count, policies.Count);
        foreach (var policy in policies)
        {
            var spec = policy.GetProperty("spec");
            var pod = Assert.Single(manifests.PodsOf(spec.GetProperty("podSelector").GetProperty("matchLabels")));
            Assert.All(spec.GetProperty("ingress").EnumerateArray().SelectMany(rule => rule.GetProperty("ports").EnumerateArray()), port =>
                Assert.Contains(port.GetProperty("port").GetString(), RenderedManifests.PortsOf(pod).Keys));
        }
    }

    /// <summary>A pod that is killed in the middle of its stop breaks what the stop promises.</summary>
    private static void CheckStop(RenderedManifests manifests)
    {
        using var folder = new TemporaryFolder();
        var text = Assert.Single(manifests.OfKind("ConfigMap")).GetProperty("data").GetProperty("divolte-collector.conf").GetString()!;
        var server = Load(folder.Write("divolte-collector.conf", text)).Global.Server;
        foreach (var pod in manifests.Pods.Values)
        {
            var container = Assert.Single(RenderedManifests.ContainersOf(pod));
            var before = container.TryGetProperty("lifecycle", out var lifecycle)
                ? TimeSpan.FromSeconds(lifecycle.GetProperty("preStop").GetProperty("sleep").GetProperty("seconds").GetInt32())
                : TimeSpan.Zero;
            var grace = TimeSpan.FromSeconds(pod.GetProperty("spec").GetProperty("terminationGracePeriodSeconds").GetInt32());
            Assert.True(grace >= before + server.ShutdownDelay + server.ShutdownTimeout + SiloServer.FlushTimeout, $"{grace} is less than a stop takes.");
        }
    }

    private static DivolteConfiguration Load(string file)
    {
        var loaded = ConfigurationLoader.Load(ConfigurationRequest.FromCommandLine(
            ["--config", file, "-Ddivolte.global.grid.store=redis", "-Ddivolte.global.grid.redis=redis:6379"], out _));
        Assert.True(loaded.TryGet(out var configuration), $"{file} is not valid");
        return configuration;
    }

    private static string InRepository(params string[] names) => Path.Combine([RepositoryPaths.Root, .. names]);

    [GeneratedRegex(@"stop_grace_period: (\d+)s")]
    private static partial Regex GracePeriod();

    [GeneratedRegex(@"^EXPOSE (.*)$", RegexOptions.Multiline)]
    private static partial Regex Exposed();

    /// <summary>Variables that are set for the program, not those that the compose files themselves read.</summary>
    [GeneratedRegex(@"^(?:ENV| +)?\s*(?:- name: )?(DIVOLTE_[A-Z_]+)(?:[:=]|$)", RegexOptions.Multiline)]
    private static partial Regex SetVariable();
}
