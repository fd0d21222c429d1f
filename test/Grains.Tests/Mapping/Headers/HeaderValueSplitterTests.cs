using System.Text;
using Divolte.Grains.Mapping.Headers;
using Divolte.Grains.Schemas;
using Divolte.TestKit.Events;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Headers;

public class HeaderValueSplitterTests
{
    [Theory]
    [InlineData("single", "single")]
    [InlineData("a,b,c", "a|b|c")]
    [InlineData("", "")]
    [InlineData(",a", "a")]
    [InlineData("a,", "a")]
    [InlineData("a,,b", "a|b")]
    [InlineData("  a  ,\tb\t", "a|b")]
    [InlineData("a  \t b", "a b")]
    [InlineData("\"quoted\"", "quoted")]
    [InlineData("\"\",a,\"\",b,\"\"", "a|b")]
    [InlineData("\"foo\" bar", "foo bar")]
    [InlineData("foo \"bar\" baz", "foo bar baz")]
    [InlineData("\"foo\"bar", "foobar")]
    [InlineData("foo\"bar\"baz", "foobarbaz")]
    [InlineData("\"a,b\",c", "a,b|c")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("\"foo\\", "foo")]
    [InlineData("\"foo", "foo")]
    [InlineData("a b\"c\"", "a b c")]
    [InlineData("a\\b", "a\\b")]
    [InlineData("caf\u00e9, \"\u00fc\"", "café|ü")]
    public void Lines_AreSplit(string line, string expected)
    {
        var scope = new MappedEventScope(new AFrame { Headers = [("X", line)] });
        var mapped = scope.Mapped;
        var values = new List<TextSlice?>();
        foreach (var header in mapped.Frame.Headers)
            HeaderValueSplitter.Split(mapped, FrameHeaderText.Collapse(mapped, header.Value), values);

        var texts = new List<string>();
        foreach (var value in values)
            texts.Add(Encoding.UTF8.GetString(mapped.Read(value!.Value)));
        Assert.Equal(expected, string.Join('|', texts));
    }
}
