using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Divolte.Architecture.Tests;

/// <summary>What crosses the wire or is kept has a name and numbers that never change.</summary>
public sealed class ContractTests
{
    [Fact]
    public void Alias_IsUnique()
    {
        // Methods have aliases within their interface, types within the product.
        var repeated = SourceTree.Product.SelectMany(file => file.Types)
            .Select(AliasOf).Where(alias => alias is not null)
            .GroupBy(alias => alias!).Where(group => group.Count() > 1).Select(group => group.Key);

        Rule.Holds(repeated);
    }

    [Fact]
    public void SerializedType_HasAnAlias()
    {
        var without = Serialized().Where(type => AliasOf(type) is null).Select(type => type.Identifier.Text);

        Rule.Holds(without);
    }

    [Fact]
    public void SerializedType_NumbersEveryMemberOnce()
    {
        var mistakes = new List<string>();
        foreach (var type in Serialized())
        {
            var numbers = new List<string>();
            foreach (var (member, attributes) in MembersOf(type))
            {
                var id = attributes.SelectMany(list => list.Attributes).FirstOrDefault(attribute => attribute.Name.ToString() == "Id");
                if (id is null)
                    mistakes.Add($"{type.Identifier.Text}.{member} has no [Id]");
                else
                    numbers.Add(id.ArgumentList!.Arguments[0].ToString());
            }
            mistakes.AddRange(numbers.GroupBy(number => number).Where(group => group.Count() > 1).Select(group => $"{type.Identifier.Text}: [Id({group.Key})] twice"));
        }

        Rule.Holds(mistakes);
    }

    [Fact]
    public void GrainInterface_HasAVersionAndAliasesForItselfAndItsMethods()
    {
        var mistakes = new List<string>();
        foreach (var type in SourceTree.Product.SelectMany(file => file.Types).OfType<InterfaceDeclarationSyntax>().Where(IsGrain))
        {
            if (AliasOf(type) is null)
                mistakes.Add(type.Identifier.Text);
            if (!type.AttributeLists.SelectMany(list => list.Attributes).Any(attribute => attribute.ToString() == "Version(GridFormat.Latest)"))
                mistakes.Add($"{type.Identifier.Text} has no [Version(GridFormat.Latest)]");
            var methods = type.Members.OfType<MethodDeclarationSyntax>().ToList();
            mistakes.AddRange(methods.Where(method => AliasOf(method) is null).Select(method => $"{type.Identifier.Text}.{method.Identifier.Text}"));
            mistakes.AddRange(methods.GroupBy(AliasOf).Where(group => group.Key is not null && group.Count() > 1).Select(group => $"{type.Identifier.Text}: {group.Key} twice"));
        }

        Rule.Holds(mistakes);
    }

    private static IEnumerable<TypeDeclarationSyntax> Serialized() =>
        SourceTree.Product.SelectMany(file => file.Types).OfType<TypeDeclarationSyntax>().Where(type => Has(type, "GenerateSerializer"));

    private static IEnumerable<(string Name, IEnumerable<AttributeListSyntax> Attributes)> MembersOf(TypeDeclarationSyntax type)
    {
        foreach (var parameter in (type as RecordDeclarationSyntax)?.ParameterList?.Parameters ?? default)
            yield return (parameter.Identifier.Text, parameter.AttributeLists);
        foreach (var property in type.Members.OfType<PropertyDeclarationSyntax>())
        {
            if (property.AccessorList is { } accessors && accessors.Accessors.All(accessor => accessor.Body is null && accessor.ExpressionBody is null)
                && !property.Modifiers.Any(modifier => modifier.Text == "static"))
                yield return (property.Identifier.Text, property.AttributeLists);
        }
    }

    private static bool IsGrain(InterfaceDeclarationSyntax type) =>
        type.BaseList?.Types.Any(parent => parent.ToString() is "IGrainWithIntegerKey" or "IGrainWithStringKey" or "IGrainWithGuidKey" or "IGrainWithIntegerCompoundKey" or "IQueueConsumerGrain") == true;

    private static bool Has(MemberDeclarationSyntax member, string attribute) =>
        member.AttributeLists.SelectMany(list => list.Attributes).Any(found => found.Name.ToString() == attribute);

    private static string? AliasOf(MemberDeclarationSyntax member) =>
        member.AttributeLists.SelectMany(list => list.Attributes).FirstOrDefault(attribute => attribute.Name.ToString() == "Alias")?.ArgumentList?.Arguments[0].ToString();
}
