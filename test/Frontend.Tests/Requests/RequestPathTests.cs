using Divolte.Frontend.Requests;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

public sealed class RequestPathTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("", "/")]
    [InlineData("//", "/")]
    [InlineData("/./", "/")]
    [InlineData("/csc-event/", "/csc-event")]
    [InlineData("//csc-event", "/csc-event")]
    [InlineData("/a/./b/../csc-event", "/a/csc-event")]
    [InlineData("/../../csc-event", "/csc-event")]
    [InlineData("/a/b/../../csc-event", "/csc-event")]
    [InlineData("/a/../../csc-event", "/csc-event")]
    [InlineData("/a/x/..", "/a")]
    [InlineData("/a//../csc-event", "/a/csc-event")] // the parent of nothing
    [InlineData("/.../csc-event", "/.../csc-event")]
    [InlineData("/%2e/csc-event", "/csc-event")]
    [InlineData("/a/%2e%2E/csc-event", "/csc-event")]
    [InlineData("/csc%2Devent", "/csc-event")]
    [InlineData("/csc-event;t=viaPath", "/csc-event")]
    [InlineData("/json-%C3%A9%20event", "/json-\u00e9 event")]
    [InlineData("/csc+event", "/csc+event")]
    public void Path_HasCanonicalForm(string encoded, string expected) => Assert.Equal(expected, RequestPath.Canonicalize(encoded, out _));

    [Theory]
    [InlineData("/%2Fcsc-event")]
    [InlineData("/%5Ccsc-event")]
    [InlineData("/csc-event%2F")]
    [InlineData("/csc-event%2f")]
    [InlineData("/;a=b/csc-event")]
    [InlineData("/csc-event%00")]
    [InlineData("/csc-event/x")]
    [InlineData("/CSC-EVENT")]
    [InlineData("/csc-event%3Fp=1")]
    public void OtherPath_IsNotTheEvent(string encoded) => Assert.NotEqual("/csc-event", RequestPath.Canonicalize(encoded, out _));

    [Theory]
    [InlineData("custom/path", "/custom/path")]
    [InlineData("/with-slash/", "/with-slash")]
    [InlineData("/", "/")]
    [InlineData("//csc-event", "/csc-event")]
    public void ConfiguredPath_IsRegisteredAs(string configured, string expected) => Assert.Equal(expected, RequestPath.OfConfiguration(configured));

    [Theory]
    [InlineData("/csc-event?a=%41", true)]
    [InlineData("/a?%", false)]
    [InlineData("/a?%4", false)]
    [InlineData("/a?%zz", false)]
    [InlineData("/a?%+1", false)]
    [InlineData("/a%zz", false)]
    [InlineData("/a?<", false)]
    [InlineData("/a?\"", false)]
    [InlineData("/a?#", false)]
    [InlineData("/a?{", false)]
    [InlineData("/a?|", false)]
    [InlineData("/a?`", false)]
    [InlineData("/a?\u007f", false)]
    [InlineData("/a?\u00e9", false)]
    [InlineData("/a?[]", true)]
    public void Target_IsWellFormedOrNot(string target, bool expected) => Assert.Equal(expected, RequestTarget.IsWellFormed(target));

    [Theory]
    [InlineData("http://localhost/csc-event?a=b", "/csc-event", "a=b")]
    [InlineData("http://other.example:99?a=b", "/", "a=b")]
    [InlineData("/a?b?c", "/a", "b?c")]
    [InlineData("/a", "/a", "")]
    public void Target_IsSplit(string target, string path, string query)
    {
        var parts = RequestTarget.Split(target);

        Assert.Equal(path, parts.Path);
        Assert.Equal(query, parts.Query);
    }
}
