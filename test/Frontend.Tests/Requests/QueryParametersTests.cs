using System.Text;
using Divolte.Frontend.Requests;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

public sealed class QueryParametersTests
{
    [Theory]
    [InlineData("a=b", "a=b")]
    [InlineData("&&a=1&&b&", "a=1;b=")]
    [InlineData("=", "=")]
    [InlineData("a=b=c", "a=b=c")]
    [InlineData("a+b=c%2Bd+", "a b=c+d ")]
    [InlineData("t=%C3%a9", "t=\u00e9")]
    [InlineData("t=%00", "t=\0")]
    [InlineData("a=1;b=2", "a=1;b=2")]
    [InlineData("T=1&t=2", "T=1;t=2")]
    [InlineData("t=%FF", "t=\ufffd")]
    [InlineData("t=%E2%82", "t=\ufffd")]
    [InlineData("t=%E2%82a", "t=\ufffda")]
    [InlineData("t=%E0%80%AF", "t=\ufffd\ufffd\ufffd")]
    [InlineData("t=%ED%A0%80", "t=\ufffd")]
    [InlineData("t=%ED%A0%BD%ED%B8%80", "t=\ufffd\ufffd")]
    [InlineData("t=%ED%A0a", "t=\ufffda")]
    [InlineData("t=%F8%88%80%80%80", "t=\ufffd\ufffd\ufffd\ufffd\ufffd")]
    [InlineData("t=%F0%9F%98%80", "t=\U0001f600")]
    [InlineData("%FF=x", "\ufffd=x")]
    public void Query_DecodesTo(string query, string expected)
    {
        var parameters = new QueryParameters();

        Assert.True(parameters.TryDecode(query));

        var decoded = Enumerable.Range(0, parameters.Count)
            .Select(index => Encoding.UTF8.GetString(parameters.NameOf(index)) + "=" + Encoding.UTF8.GetString(parameters.ValueOf(index)));
        Assert.Equal(expected, string.Join(';', decoded));
    }

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    public void MoreThanAThousandParameters_AreTooMany(int count, bool isTooMany)
    {
        var query = string.Join('&', Enumerable.Repeat("a", count));

        Assert.Equal(isTooMany, QueryParameters.HasTooMany(query));
        Assert.Equal(!isTooMany, new QueryParameters().TryDecode(query));
    }

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, true)]
    public void EmptyParameters_CountToo(int ampersands, bool isTooMany) =>
        Assert.Equal(isTooMany, QueryParameters.HasTooMany("a" + new string('&', ampersands)));

    [Fact]
    public void ReuseAfterALargeQuery_StillDecodes()
    {
        var parameters = new QueryParameters();
        Assert.True(parameters.TryDecode("a=" + new string('x', 200_000)));

        Assert.True(parameters.TryDecode("b=1"));

        Assert.Equal(1, parameters.Count);
        Assert.Equal("b"u8, parameters.NameOf(0));
    }
}
