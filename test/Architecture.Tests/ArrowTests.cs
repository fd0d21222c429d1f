using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Divolte.Architecture.Tests;

/// <summary>Who may know whom. A new arrow is a decision: it goes into the table here and into DECISIONS.md.</summary>
public sealed partial class ArrowTests
{
    private static readonly Dictionary<string, string[]> ProjectArrows = new()
    {
        ["Grains.Interfaces"] = [],
        ["Frontend"] = ["Grains.Interfaces"],
        ["Grains"] = ["Grains.Interfaces"],
        ["Silo"] = ["Grains", "Frontend"],
    };

    /// <summary>Concept of <c>Grains</c> → the other concepts of <c>Grains</c> that it may name. Telemetry is open to all; folders below a concept belong to it.</summary>
    private static readonly Dictionary<string, string[]> GrainArrows = new()
    {
        ["Journal"] = [],
        ["Placement"] = ["Journal"],
        ["Intake"] = ["Deduplication", "Placement"],
        ["Deduplication"] = ["Journal", "Placement"],
        ["Streaming"] = ["Journal", "Placement"],
        ["UserAgents"] = [],
        ["Geo"] = [],
        ["Schemas"] = [],
        ["Mapping"] = ["UserAgents", "Geo", "Schemas"],
        ["Sinks"] = ["Mapping", "Streaming", "Journal", "Placement", "Schemas"],
        ["Operations"] = ["Journal", "Sinks", "Streaming"],
        ["Telemetry"] = [],
    };

    /// <summary>The same for <c>Frontend</c>.</summary>
    private static readonly Dictionary<string, string[]> FrontendArrows = new()
    {
        ["Browser"] = ["Requests", "Submission"],
        ["Json"] = ["Requests", "Submission"],
        ["Requests"] = ["Submission"],
        ["Submission"] = ["Spool"],
        ["Spool"] = [],
        ["Clustering"] = ["Submission"],
        ["Listening"] = [],
        ["FastPath"] = ["Browser", "Requests", "Submission", "Operations"],
        ["Operations"] = ["Requests", "Submission", "Spool", "Clustering", "Listening", "Hosting"],
        ["Hosting"] = ["Operations"],
        ["CommandLine"] = ["Browser", "Hosting"],
        ["TestPage"] = ["Requests"],
        ["Telemetry"] = [],
    };

    [Fact]
    public void Projects_ReferenceOnlyWhatTheyMayKnow()
    {
        var surplus = new List<string>();
        foreach (var (project, allowed) in ProjectArrows)
        {
            var file = Path.Combine(SourceTree.Root, project, $"{project}.csproj");
            var references = XDocument.Load(file).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));
            surplus.AddRange(references.Except(allowed).Select(reference => $"{project} -> {reference}"));
        }

        Rule.Holds(surplus);
    }

    [Fact]
    public void Grains_NeverSeeAspNetCore()
    {
        var seen = SourceTree.Product.Where(file => file.Project is "Grains" or "Grains.Interfaces" && file.Text.Contains("Microsoft.AspNetCore", StringComparison.Ordinal));

        Rule.Holds(seen);
    }

    [Fact]
    public void Projects_NameOnlyProjectsTheyMayKnow()
    {
        var surplus = SourceTree.Product.SelectMany(file => NamesIn(file)
            .Select(name => ProjectOf(name))
            .Where(named => named != file.Project && !Reachable(file.Project).Contains(named))
            .Select(named => $"{file} names {named}"));

        Rule.Holds(surplus.Distinct());
    }

    [Fact]
    public void GrainConcepts_NameOnlyConceptsTheyMayKnow() => Rule.Holds(SurplusArrows("Grains", GrainArrows));

    [Fact]
    public void FrontendConcepts_NameOnlyConceptsTheyMayKnow() => Rule.Holds(SurplusArrows("Frontend", FrontendArrows));

    private static IEnumerable<string> SurplusArrows(string project, Dictionary<string, string[]> arrows)
    {
        foreach (var file in SourceTree.Product.Where(file => file.Project == project && file.Concept.Length > 0))
        {
            var concept = file.Concept.Split('/')[0];
            if (!arrows.TryGetValue(concept, out var allowed))
            {
                yield return $"{file}: the concept {concept} has no line in the table of this test";
                continue;
            }
            foreach (var name in NamesIn(file).Where(name => ProjectOf(name) == project))
            {
                var named = name[$"Divolte.{project}.".Length..].Split('.')[0];
                if (named != concept && named != "Telemetry" && arrows.ContainsKey(named) && !allowed.Contains(named))
                    yield return $"{file} names {named}";
            }
        }
    }

    private static HashSet<string> Reachable(string project) =>
        [.. ProjectArrows[project].SelectMany(next => Reachable(next).Append(next))];

    private static string ProjectOf(string name) =>
        name.StartsWith("Divolte.Grains.Interfaces.", StringComparison.Ordinal) ? "Grains.Interfaces" : name.Split('.')[1];

    /// <summary>Every qualified name of this product in a file: of using lines, and within the code.</summary>
    private static IEnumerable<string> NamesIn(SourceFile file) =>
        QualifiedName().Matches(file.Text).Select(match => match.Value).Where(name => !name.EndsWith(".Tests", StringComparison.Ordinal)).Distinct();

    [GeneratedRegex(@"\bDivolte\.(Grains\.Interfaces|Frontend|Grains|Silo)\.[A-Za-z.]*[A-Za-z]")]
    private static partial Regex QualifiedName();
}
