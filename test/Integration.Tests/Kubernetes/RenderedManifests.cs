using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Kubernetes;

/// <summary>One folder of <c>compose/kubernetes</c> as <c>kubectl kustomize</c> renders it, checked against the schemas and read as JSON.</summary>
/// <param name="Objects">The objects.</param>
/// <param name="Problems">What the schemas have against them.</param>
internal sealed record RenderedManifests(IReadOnlyList<JsonElement> Objects, IReadOnlyList<string> Problems)
{
    /// <summary>Pod templates of all workloads, by the name of the workload.</summary>
    public IReadOnlyDictionary<string, JsonElement> Pods => Objects
        .Where(one => one.GetProperty("kind").GetString() is "Deployment" or "StatefulSet")
        .ToDictionary(NameOf, one => one.GetProperty("spec").GetProperty("template"));

    public static async Task<RenderedManifests> RenderOrSkipAsync(string name)
    {
        using var folder = new TemporaryFolder();
        var tools = Path.Combine(folder.Path, "tools");
        var source = Path.Combine(RepositoryPaths.Root, "compose", "kubernetes", name);
        var (renderCode, rendered) = await NodePackages.RunOrSkipAsync("kubectl", folder.Path, TimeSpan.FromMinutes(1), "kustomize", source);
        Assert.True(renderCode == 0, rendered);
        await NodePackages.InstallOrSkipAsync(Path.Combine(RepositoryPaths.Root, "test", "Integration.Tests", "Kubernetes"), tools);
        var (checkCode, checkedText) = await NodePackages.RunOrSkipAsync("node", tools, TimeSpan.FromMinutes(1), "check.mjs", folder.Write("rendered.yaml", rendered));
        Assert.True(checkCode == 0, checkedText);
        var root = JsonDocument.Parse(checkedText).RootElement;
        return new RenderedManifests([.. root.GetProperty("objects").EnumerateArray()], [.. root.GetProperty("problems").EnumerateArray().Select(text => text.GetString()!)]);
    }

    public static string NameOf(JsonElement one) => one.GetProperty("metadata").GetProperty("name").GetString()!;

    public IEnumerable<JsonElement> OfKind(string kind) => Objects.Where(one => one.GetProperty("kind").GetString() == kind);

    /// <summary>Pod templates that a selector of labels chooses.</summary>
    public IReadOnlyList<JsonElement> PodsOf(JsonElement labels) =>
        [.. Pods.Values.Where(pod => labels.EnumerateObject().All(label =>
            pod.GetProperty("metadata").GetProperty("labels").TryGetProperty(label.Name, out var value) && value.GetString() == label.Value.GetString()))];

    public static IEnumerable<JsonElement> ContainersOf(JsonElement pod) => pod.GetProperty("spec").GetProperty("containers").EnumerateArray();

    /// <summary>Numbers of a pod's ports by their names.</summary>
    public static IReadOnlyDictionary<string, int> PortsOf(JsonElement pod) => ContainersOf(pod)
        .SelectMany(container => container.GetProperty("ports").EnumerateArray())
        .ToDictionary(port => port.GetProperty("name").GetString()!, port => port.GetProperty("containerPort").GetInt32());
}
