using System.Text;
using Divolte.Grains.Interfaces.UserAgents;
using Divolte.Grains.UserAgents;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents;

public sealed class UserAgentSliceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void MostSeen_ComeFirst()
    {
        var slice = new UserAgentSlice(_time);
        slice.Add(Report(("a", "Chrome", 1), ("b", "Firefox", 5), ("c", "Safari", 3)));
        slice.Add(Report(("a", "Chrome", 7)));

        Assert.Equal(["a 8", "b 5"], slice.Frequent(2).Uses.Select(use => $"{Encoding.UTF8.GetString(use.Header)} {use.Count}"));
    }

    [Fact]
    public void WhatIsNotSeenAnyMore_Fades()
    {
        var slice = new UserAgentSlice(_time);
        slice.Add(Report(("old", "Chrome", 4)));
        _time.Advance(TimeSpan.FromMinutes(1));
        slice.Add(Report(("new", "Chrome", 3)));
        _time.Advance(TimeSpan.FromMinutes(1));
        slice.Add(Report());

        Assert.Equal(["new 1", "old 1"], slice.Frequent(9).Uses.Select(use => $"{Encoding.UTF8.GetString(use.Header)} {use.Count}").Order());
    }

    [Fact]
    public void Families_AreThoseOfTheLastTwoMinutes()
    {
        var slice = new UserAgentSlice(_time);
        slice.Add(Report(("a", "Chrome", 4)));
        _time.Advance(TimeSpan.FromSeconds(61));
        slice.Add(Report(("a", "Chrome", 1), ("b", "Firefox", 2)));

        Assert.Equal(["Chrome 5", "Firefox 2"], slice.Families().Select(family => $"{family.Family} {family.Count}"));
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Empty(slice.Families());
    }

    [Fact]
    public void MoreHeadersThanFit_LeaveTheMostSeen()
    {
        var slice = new UserAgentSlice(_time);
        slice.Add(new UserAgentReport([.. Enumerable.Range(1, UserAgentSlice.HeadersMax + 10).Select(number => new UserAgentUse(BitConverter.GetBytes(number), $"f{number}", number))]));

        Assert.Equal(UserAgentSlice.HeadersMax / 2, slice.Count);
        Assert.Equal(UserAgentSlice.HeadersMax + 10, slice.Frequent(1).Uses[0].Count);
        Assert.Equal(UserAgentSlice.FamiliesMax, slice.Families().Count);
    }

    private static UserAgentReport Report(params (string Header, string Family, int Count)[] uses) =>
        new([.. uses.Select(use => new UserAgentUse(Encoding.UTF8.GetBytes(use.Header), use.Family, use.Count))]);
}
