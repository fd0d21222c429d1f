using CsCheck;
using Divolte.Grains.Mapping.Patterns;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Patterns;

public class JavaPatternTests
{
    [Theory]
    [InlineData("abc", "abc", true)]
    [InlineData("abc", "abcd", false)]
    [InlineData("^abc$", "abc", true)]
    [InlineData(@"\w+", "é", false)]
    [InlineData(@"(?U)\w+", "é", true)]
    [InlineData(@"\d", "\u0667", false)]
    [InlineData(".", "\u0085", false)]
    [InlineData("(?d).", "\u0085", true)]
    [InlineData("(?s).", "\n", true)]
    [InlineData(".", "😀", true)]
    [InlineData("..", "😀", false)]
    [InlineData("[😀-😂]+", "😀😁", true)]
    [InlineData("[^a]", "😀", true)]
    [InlineData("a++a", "aaa", false)]
    [InlineData("a?+b", "ab", true)]
    [InlineData("a{2,3}+b", "aaab", true)]
    [InlineData("[a-z&&[^aeiou]]+", "xyz", true)]
    [InlineData("[a-z&&[^aeiou]]+", "xaz", false)]
    [InlineData("[a[bc]]+", "abc", true)]
    [InlineData("[^a[bc]]", "b", false)]
    [InlineData("[]a]", "]", true)]
    [InlineData(@"[\]]", "]", true)]
    [InlineData("(?i)k", "K", true)]
    [InlineData("(?i)k", "\u212a", false)]
    [InlineData("(?iu)é", "É", true)]
    [InlineData("(?i)é", "É", false)]
    [InlineData("(?i)[a-c]", "B", true)]
    [InlineData(@"\Qa.b\E", "a.b", true)]
    [InlineData(@"\Qa.b\E", "axb", false)]
    [InlineData(@"(?<x>a)(b)\k<x>\2", "abab", true)]
    [InlineData(@"(a)\11", "aa1", true)]
    [InlineData(@"\1(a)", "a", false)]
    [InlineData(@"\9", "", false)]
    [InlineData(@"\x41\x{1F600}\u0042\0103", "A😀BC", true)]
    [InlineData(@"\h\v\R", " \n\r\n", true)]
    [InlineData(@"\p{Alpha}\p{Lu}\p{IsGreek}\p{InGreek}\pL\P{L}", "aBαβc1", true)]
    [InlineData(@"\p{javaLowerCase}+", "abc", true)]
    [InlineData(@"\p{IsAlphabetic}", "é", true)]
    [InlineData(@"\p{script=Han}", "漢", true)]
    [InlineData("(?x) a b # comment\n c", "abc", true)]
    [InlineData("a(?i:b)c", "aBc", true)]
    [InlineData("a(?i:b)c", "aBC", false)]
    [InlineData(@"ab\b", "ab", true)]
    [InlineData(@"é\Bé", "éé", true)]
    [InlineData("(?m)a$\n^b", "a\nb", true)]
    [InlineData("a(?=$)\\r\\n", "a\r\n", true)]
    [InlineData(@"abc\Z\n", "abc\n", true)]
    [InlineData("|a", "", true)]
    [InlineData("}", "}", true)]
    [InlineData("(?<=a{1,2})b|ab", "ab", true)]
    public void Dialect(string expression, string text, bool matches)
    {
        Assert.True(JavaPattern.TryCompile(expression, out var pattern, out var error), error);
        Assert.Equal(matches, pattern.IsFullMatch(text));
    }

    [Theory]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData("a**")]
    [InlineData("{")]
    [InlineData("a{2,1}")]
    [InlineData(@"\y")]
    [InlineData(@"\p{Nope}")]
    [InlineData(@"\k<n>x")]
    [InlineData("(?<a-b>x)")]
    [InlineData("(?'n'x)")]
    [InlineData("(?<a>x)(?<a>y)")]
    [InlineData("[z-a]")]
    [InlineData("(?y)")]
    [InlineData("\\")]
    public void NotInTheDialect_IsRefused(string expression)
    {
        Assert.False(JavaPattern.TryCompile(expression, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void NamedGroups_AreNumberedWithTheOthers()
    {
        Assert.True(JavaPattern.TryCompile("(a)(?<name>b)(c)", out var pattern, out _));

        Assert.Equal(2, pattern.NumberOf("name"));
        Assert.Equal("b", pattern.Match("abc")!.Groups[2].Value);
        Assert.Equal("c", pattern.Match("abc")!.Groups[3].Value);
    }

    [Fact]
    public void CatastrophicPattern_EndsAndGoesOnInLinearTime()
    {
        Assert.True(JavaPattern.TryCompile("(a+)+b", out var pattern, out _));
        var text = new string('a', 40);

        Assert.False(pattern.IsFullMatch(text));
        Assert.True(pattern.IsFullMatch(text + "b"));
    }

    [Fact]
    public void AnyExpression_CompilesOrSaysWhyNot() => Gen.Char["ab01^$.|?*+(){}[]\\<>=!:-,&pdwsQEkxuU#😀 '"].Array[0, 25].Sample(letters =>
    {
        if (JavaPattern.TryCompile(new string(letters), out var pattern, out var error))
            pattern.IsFullMatch("ab01");
        else
            Assert.NotEmpty(error);
    });
}
