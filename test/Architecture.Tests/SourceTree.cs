using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Divolte.Architecture.Tests;

/// <summary>The repository's files, read once per run.</summary>
internal static class SourceTree
{
    private static readonly string[] Products = ["Grains.Interfaces", "Frontend", "Grains", "Silo"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every C# file of the four product projects.</summary>
    public static IReadOnlyList<SourceFile> Product { get; } = [.. Products.SelectMany(FilesOf)];

    /// <summary>Every C# file under <c>test</c>.</summary>
    public static IReadOnlyList<SourceFile> Tests { get; } = FilesOf("test");

    private static List<SourceFile> FilesOf(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(file => new SourceFile(file, File.ReadAllText(Path.Combine(Root, file))))];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Divolte.Orleans.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException($"No solution above {AppContext.BaseDirectory}.");
    }
}

/// <summary>One C# file.</summary>
/// <param name="Path">Relative to the root, with slashes.</param>
/// <param name="Text">Its text.</param>
internal sealed record SourceFile(string Path, string Text)
{
    private readonly Lazy<CompilationUnitSyntax> _syntax = new(() => CSharpSyntaxTree.ParseText(Text).GetCompilationUnitRoot());

    public CompilationUnitSyntax Syntax => _syntax.Value;

    public string Project => Path[..Path.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The folders between project and file: <c>Sinks/Kafka</c>; empty for a file of the project itself.</summary>
    public string Concept
    {
        get
        {
            var rest = Path[(Project.Length + 1)..];
            return rest.Contains('/', StringComparison.Ordinal) ? rest[..rest.LastIndexOf('/')] : "";
        }
    }

    /// <summary>Name without folder and ending, up to the first dot: <c>SinkWorker</c> for <c>SinkWorker.Log.cs</c>.</summary>
    public string Name => System.IO.Path.GetFileName(Path).Split('.')[0];

    /// <summary>Types that are declared in no other type.</summary>
    public IEnumerable<BaseTypeDeclarationSyntax> Types =>
        Syntax.DescendantNodes(node => node is not BaseTypeDeclarationSyntax).OfType<BaseTypeDeclarationSyntax>();

    public override string ToString() => Path;
}
