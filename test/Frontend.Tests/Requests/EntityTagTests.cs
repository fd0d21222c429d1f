using Divolte.Frontend.Requests;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

public sealed class EntityTagTests
{
    [Theory]
    [InlineData("\"tag\"")]
    [InlineData("W/\"tag\"")]
    [InlineData("w/\"tag\"")]
    [InlineData("W\"tag\"")]
    [InlineData("\"*\"")]
    [InlineData("\"a\",\"tag\"")]
    [InlineData("\"a\" , W/\"tag\" , \"b\"")]
    [InlineData("\"tag")]
    [InlineData("\"tag\" and more")]
    [InlineData("  \" tag \"  ")]
    public void Header_Matches(string header) => Assert.True(EntityTag.Matches(header, "tag"));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("tag")]
    [InlineData("\"tag-gzip\"")]
    [InlineData("\"a\"")]
    [InlineData("Wx\"tag\"")]
    [InlineData("\"a\", W")]
    [InlineData("\"TAG\"")]
    public void Header_DoesNotMatch(string header) => Assert.False(EntityTag.Matches(header, "tag"));
}
