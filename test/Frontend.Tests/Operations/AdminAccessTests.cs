using System.Net;
using System.Text;
using Divolte.Frontend.Operations;
using Divolte.Grains.Interfaces.Configuration;
using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend.Tests.Operations;

public sealed class AdminAccessTests
{
    [Theory]
    [InlineData("127.0.0.1", "localhost:8291")]
    [InlineData("127.0.0.1", "127.0.0.1:8291")]
    [InlineData("::1", "[::1]:8291")]
    [InlineData("::ffff:127.0.0.1", "LOCALHOST")]
    public void ThisHost_PassesWithoutToken(string peer, string host) => Assert.Equal(0, Access(token: null).Refusal(Request(peer, host)));

    [Theory]
    [InlineData("127.0.0.1", "rebound.example.com")]
    [InlineData("127.0.0.1", "")]
    [InlineData("10.1.2.3", "localhost")]
    [InlineData("10.1.2.3", "127.0.0.1")]
    public void AnyOther_IsForbiddenWhenThereIsNoToken(string peer, string host) => Assert.Equal(403, Access(token: null).Refusal(Request(peer, host)));

    [Fact]
    public void Stranger_IsAskedForTheToken() => Assert.Equal(401, Access("s3cret").Refusal(Request("10.1.2.3", "collector")));

    [Theory]
    [InlineData("Bearer s3cret")]
    [InlineData("bearer  s3cret ")]
    public void BearerToken_Passes(string authorization) => Assert.Equal(0, Access("s3cret").Refusal(Request("10.1.2.3", "collector", authorization)));

    [Fact]
    public void BasicPassword_Passes() => Assert.Equal(0, Access("s3:cret").Refusal(Request("10.1.2.3", "collector", Basic("anybody:s3:cret"))));

    [Theory]
    [InlineData("Bearer s3cre")]
    [InlineData("Bearer s3cret2")]
    [InlineData("Bearer")]
    [InlineData("s3cret")]
    [InlineData("Basic !!!")]
    [InlineData("Digest s3cret")]
    public void AnythingElse_DoesNotPass(string authorization) => Assert.Equal(401, Access("s3cret").Refusal(Request("10.1.2.3", "collector", authorization)));

    [Fact]
    public void BasicWithoutColon_DoesNotPass() => Assert.Equal(401, Access("s3cret").Refusal(Request("10.1.2.3", "collector", Basic("s3cret"))));

    [Fact]
    public void OverlongBasic_DoesNotPass() => Assert.Equal(401, Access("s3cret").Refusal(Request("10.1.2.3", "collector", Basic(new string('x', 5000)))));

    [Fact]
    public void EmptyTokenInTheConfiguration_IsNone() => Assert.Equal(403, Access("").Refusal(Request("10.1.2.3", "collector", "Bearer ")));

    private static AdminAccess Access(string? token) => new(new AdminOptions { Token = token });

    private static string Basic(string pair) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(pair));

    private static DefaultHttpContext Request(string peer, string host, string? authorization = null)
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(peer) } };
        context.Request.Headers.Host = host;
        if (authorization is not null)
            context.Request.Headers.Authorization = authorization;
        return context;
    }
}
