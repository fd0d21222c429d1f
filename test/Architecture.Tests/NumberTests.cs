using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Divolte.Architecture.Tests;

/// <summary>Closed lists: log event numbers, drop reasons, settings.</summary>
public sealed class NumberTests
{
    private static readonly Dictionary<string, int> FirstNumbers = new() { ["Frontend"] = 1000, ["Grains"] = 2000, ["Silo"] = 3000 };

    [Fact]
    public void EventId_IsUniqueAndInTheRangeOfItsProject()
    {
        var mistakes = new List<string>();
        var seen = new Dictionary<int, string>();
        foreach (var file in SourceTree.Product.Where(file => file.Name == "EventIds"))
        {
            foreach (var field in file.Syntax.DescendantNodes().OfType<FieldDeclarationSyntax>().SelectMany(field => field.Declaration.Variables))
            {
                var name = $"{file.Project}.{field.Identifier.Text}";
                var number = int.Parse(field.Initializer!.Value.ToString(), CultureInfo.InvariantCulture);
                if (!seen.TryAdd(number, name))
                    mistakes.Add($"{number}: {seen[number]} and {name}");
                if (number < FirstNumbers[file.Project] || number >= FirstNumbers[file.Project] + 1000)
                    mistakes.Add($"{name} = {number} is outside the range of its project");
            }
        }

        Rule.Holds(mistakes);
        Assert.NotEmpty(seen);
    }

    [Fact]
    public void LogMessage_TakesItsNumberFromEventIds()
    {
        var others = SourceTree.Product.SelectMany(file => file.Syntax.DescendantNodes().OfType<AttributeSyntax>()
            .Where(attribute => attribute.Name.ToString() == "LoggerMessage")
            .Where(attribute => attribute.ArgumentList?.Arguments.Any(argument => argument.Expression.ToString().StartsWith("EventIds.", StringComparison.Ordinal)) != true)
            .Select(attribute => $"{file}: {attribute}"));

        Rule.Holds(others);
    }

    [Fact]
    public void DropReason_IsCountedSomewhere()
    {
        var list = SourceTree.Product.Single(file => file.Name == "DropReason").Syntax.DescendantNodes().OfType<EnumDeclarationSyntax>().Single();
        var uncounted = list.Members.Select(member => member.Identifier.Text).Where(name => name != "None")
            .Where(name => !SourceTree.Product.Any(file => file.Name != "DropReason" && Regex.IsMatch(file.Text, $@"\bDropReason\.{name}\b")));

        Rule.Holds(uncounted);
    }

    [Fact]
    public void Setting_StatesItsMeaningAndDefault()
    {
        var mute = SourceTree.Product.Where(file => file.Path.StartsWith("Grains.Interfaces/Configuration/", StringComparison.Ordinal) && file.Name.EndsWith("Options", StringComparison.Ordinal))
            .SelectMany(file => file.Syntax.DescendantNodes().OfType<PropertyDeclarationSyntax>()
                .Where(property => !property.Type.ToString().TrimEnd('?').EndsWith("Options", StringComparison.Ordinal) && property.AccessorList is not null)
                .Where(property => !property.GetLeadingTrivia().ToFullString().Contains("<summary>", StringComparison.Ordinal))
                .Select(property => $"{file}: {property.Identifier.Text}"));

        Rule.Holds(mute);
    }
}
