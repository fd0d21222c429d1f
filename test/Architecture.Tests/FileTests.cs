using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Divolte.Architecture.Tests;

/// <summary>What every file must be: found in one guess, read in one sitting.</summary>
public sealed class FileTests
{
    private const int LinesMax = 400;

    /// <summary>Folders and types that would be named after a kind or after nothing.</summary>
    private static readonly string[] EmptyWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Impl"];
    private static readonly string[] KindFolders = ["Interfaces", "Models", "Helpers", "Utils", "Common", "Extensions", "Services"];

    [Fact]
    public void File_HasAtMost400Lines()
    {
        var longer = SourceTree.Product.Where(file => file.Text.AsSpan().Count('\n') > LinesMax).Select(file => $"{file}: {file.Text.AsSpan().Count('\n')}");

        Rule.Holds(longer);
    }

    [Fact]
    public void File_DeclaresTheTypeItIsNamedAfter()
    {
        var others = SourceTree.Product.Where(file => file.Types.Any() && !IsFamily(file) && !IsDelegateNamed(file) && file.Types.All(type => type.Identifier.Text != file.Name));

        Rule.Holds(others);
    }

    /// <summary>A family of small records, enums and exceptions may share their parent's file; behaviour of its own has a file of its own.</summary>
    [Fact]
    public void File_DeclaresNoSecondClass()
    {
        var others = SourceTree.Product.Where(file => !IsFamily(file)).SelectMany(file => file.Types
            .Where(type => type is ClassDeclarationSyntax or InterfaceDeclarationSyntax && type.Identifier.Text != file.Name)
            .Where(type => !type.Identifier.Text.EndsWith("Exception", StringComparison.Ordinal) && !IsSmall(type) && !IsCaseOf(file, type))
            .Select(type => $"{file}: {type.Identifier.Text}"));

        Rule.Holds(others);
    }

    [Fact]
    public void File_HasTheNamespaceOfItsFolder()
    {
        var others = SourceTree.Product.Where(file =>
            file.Syntax.Members.OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault() is { } space
            && space.Name.ToString() != string.Join('.', new[] { "Divolte", file.Project, file.Concept.Replace('/', '.') }.Where(part => part.Length > 0)));

        Rule.Holds(others);
    }

    [Fact]
    public void Folder_IsNamedAfterAConcept()
    {
        var others = SourceTree.Product.Where(file => file.Concept.Split('/').Any(KindFolders.Contains));

        Rule.Holds(others);
    }

    [Fact]
    public void Type_IsNamedAfterWhatItIs()
    {
        var others = SourceTree.Product.SelectMany(file => file.Types.Select(type => type.Identifier.Text)
            .Where(name => EmptyWords.Any(word => name.EndsWith(word, StringComparison.Ordinal)))
            .Select(name => $"{file}: {name}"));

        Rule.Holds(others);
    }

    [Fact]
    public void Type_OutsideTheContractsIsInternal()
    {
        // Orleans makes its own code for grains and messages; both stay internal all the same.
        var others = SourceTree.Product.Where(file => file.Project != "Grains.Interfaces").SelectMany(file => file.Types
            .Where(type => type.Modifiers.Any(modifier => modifier.Text == "public") && !type.Identifier.Text.EndsWith("Exception", StringComparison.Ordinal))
            .Select(type => $"{file}: {type.Identifier.Text}"));

        Rule.Holds(others);
    }

    [Fact]
    public void Code_HasNothingLeftForLater()
    {
        string[] words = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "NotImplemented" + "Exception"];
        var others = SourceTree.Product.Concat(SourceTree.Tests).SelectMany(file => words
            .Where(word => System.Text.RegularExpressions.Regex.IsMatch(file.Text, $@"\b{word}\b"))
            .Select(word => $"{file}: {word}"));

        Rule.Holds(others);
    }

    [Fact]
    public void Text_NamesNoMachine()
    {
        string[] places = ["/wo" + "rk/", "/fa" + "rm/", "/tmp/w" + "t", "/ro" + "ot/"];
        var others = TextFiles().SelectMany(file => places.Where(place => StandsAlone(file.Text, place)).Select(place => $"{file.Path}: {place}"));

        Rule.Holds(others);
    }

    private static bool IsDelegateNamed(SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<DelegateDeclarationSyntax>().Any(type => type.Identifier.Text == file.Name);

    /// <summary>One case of a closed family whose parent the file declares, at most twice as long as what is small.</summary>
    private static bool IsCaseOf(SourceFile file, BaseTypeDeclarationSyntax type) =>
        type.ToString().AsSpan().Count('\n') <= 80
        && type.BaseList?.Types.FirstOrDefault()?.Type.ToString() is { } parent && file.Types.Any(declared => declared.Identifier.Text == parent);

    /// <summary>A file in the plural holds a family: <c>UriProducers.cs</c> holds types that end with <c>Producer</c>, and nothing else.</summary>
    private static bool IsFamily(SourceFile file)
    {
        var lastWord = file.Name[file.Name.AsSpan().LastIndexOfAnyInRange('A', 'Z')..];
        return lastWord.EndsWith('s') && file.Types.All(type => type.Identifier.Text.EndsWith(lastWord[..^1], StringComparison.Ordinal) || type.Identifier.Text.EndsWith(lastWord, StringComparison.Ordinal));
    }

    private static bool IsSmall(BaseTypeDeclarationSyntax type) => type.ToString().AsSpan().Count('\n') <= 40;

    /// <summary>A path of its own, not the end of a longer one such as <c>…/network/</c>.</summary>
    private static bool StandsAlone(string text, string place)
    {
        for (var at = text.IndexOf(place, StringComparison.Ordinal); at >= 0; at = text.IndexOf(place, at + 1, StringComparison.Ordinal))
        {
            if (at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or '.' or '}'))
                return true;
        }
        return false;
    }

    private static IEnumerable<(string Path, string Text)> TextFiles()
    {
        string[] endings = [".cs", ".md", ".sh", ".yml", ".csproj", ".props", ".conf", ".ts", ".js", ".html", ".lua", ".py"];
        string[] skipped = ["bin", "obj", ".git", "node_modules", "artifacts"];
        return Directory.EnumerateFiles(SourceTree.Root, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(SourceTree.Root, file).Replace('\\', '/'))
            .Where(file => endings.Contains(Path.GetExtension(file)) && !file.Split('/').Any(skipped.Contains))
            .Select(file => (file, File.ReadAllText(Path.Combine(SourceTree.Root, file))));
    }
}
