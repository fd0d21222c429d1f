using Divolte.Grains.Interfaces.Configuration.Hocon;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Hocon;

public class HoconErrorTests
{
    [Theory]
    [InlineData("not = //allowed", "String: 1: expecting a value, but found end of file")]
    [InlineData("\na = \n}", "String: 3: expecting a value, but found '}'")]
    [InlineData("a = {\n\n", "String: 3: a closing brace is missing: found end of file inside an object")]
    [InlineData("a = 1\n}", "String: 2: unbalanced closing brace: there is no open object here")]
    [InlineData("a = [1\n", "String: 2: a closing bracket is missing: found end of file inside a list")]
    [InlineData("\n\na = \"x\nb = 1", "String: 3: a quoted string is not closed before the end of its line (use triple quotes for text with line ends)")]
    [InlineData("a = 1,,", "String: 1: two commas in a row")]
    [InlineData("a = 1\nb = ${nowhere.at.all}", "String: 2: could not resolve the substitution ${nowhere.at.all}: no such setting and no such environment variable, or it refers to itself in a cycle")]
    [InlineData("a = ${b}\nb = ${a}", "String: 2: could not resolve the substitution ${a}: no such setting and no such environment variable, or it refers to itself in a cycle")]
    public void Error_NamesOriginLineAndReason(string text, string message)
    {
        var error = Assert.Throws<HoconException>(() => HoconReading.Resolve(text));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void BadPathExpression_SaysSo()
    {
        var error = Assert.Throws<HoconException>(() => HoconReading.Resolve("a = ${b..c}"));

        Assert.Contains("bad path expression", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EndlessNesting_IsRefusedInsteadOfExhaustingTheStack()
    {
        Assert.Throws<HoconException>(() => HoconReading.Resolve("a = " + new string('[', 100_000)));
        Assert.Throws<HoconException>(() => HoconReading.Resolve(string.Concat(Enumerable.Repeat("a{", 100_000))));
        Assert.Throws<HoconException>(() => HoconReading.Resolve(string.Join('.', Enumerable.Repeat("a", 100_000)) + " = 1"));
        Assert.Throws<HoconException>(() => HoconReading.Resolve("a = ${" + string.Join('.', Enumerable.Repeat("a", 100_000)) + "}"));
    }

    [Fact]
    public void LongChainOfSubstitutions_IsRefusedInsteadOfExhaustingTheStack() =>
        Assert.Throws<HoconException>(() => HoconReading.Resolve("a0 = 1\n" + string.Join('\n', Enumerable.Range(1, 10_000).Reverse().Select(i => $"a{i} = ${{a{i - 1}}}"))));

    [Fact]
    public void SubstitutionsThatNestWithoutEnd_AreRefused() =>
        Assert.Throws<HoconException>(() => HoconReading.Resolve("a0 = 1\n" + string.Join('\n', Enumerable.Range(1, 10_000).Select(i => $"a{i} = {{ x = ${{a{i - 1}}} }}"))));

    [Theory]
    [InlineData("a{0} = xxxxxxxx", "a{1} = ${{a{0}}}${{a{0}}}")]
    [InlineData("a{0} = [x]", "a{1} = ${{a{0}}} ${{a{0}}}")]
    [InlineData("a{0} = [x]", "a{1} = [${{a{0}}}, ${{a{0}}}]")]
    [InlineData("a{0} {{ x = 1 }}", "a{1} {{ x = ${{a{0}}}, y = ${{a{0}}} }}")]
    public void SubstitutionsThatDoubleEachOther_AreRefused(string first, string step)
    {
        var text = string.Format(null, first, 0) + "\n" + string.Join('\n', Enumerable.Range(1, 60).Select(i => string.Format(null, step, i - 1, i)));

        Assert.Throws<HoconException>(() => HoconReading.Resolve(text));
    }

    [Fact]
    public void MutualLookBacks_EndWithinTheStepLimit()
    {
        var names = Enumerable.Range(0, 40).ToList();
        var text = string.Join('\n', names.Select(i => $"a{i} = x"))
            + string.Concat(names.Select(i => $"\na{i} = {string.Concat(names.Where(j => j != i).Select(j => $"${{?a{j}}}"))}"));

        Assert.Throws<HoconException>(() => HoconReading.Resolve(text));
    }

    [Fact]
    public void OverlongText_IsRefused() => Assert.Throws<HoconException>(() => HoconReading.Resolve("a = " + new string('x', HoconLimits.FileCharacters)));
}
