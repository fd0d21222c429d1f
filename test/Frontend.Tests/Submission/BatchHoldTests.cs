using Divolte.Frontend.Submission;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Frontend.Tests.Submission;

public sealed class BatchHoldTests
{
    private static readonly SubmissionBounds Bounds = new() { HoldAwaited = TimeSpan.FromMilliseconds(2), HoldReceived = TimeSpan.FromMilliseconds(5), HoldEventsMax = 100 };

    private readonly FakeTimeProvider _time = new();
    private readonly BatchHold _hold;

    public BatchHoldTests() => _hold = new BatchHold(Bounds, _time);

    [Fact]
    public void FewEvents_AreNotHeld()
    {
        for (var count = 0; count < 1000; count++)
        {
            Arrive(TimeSpan.FromMilliseconds(1), isAwaited: true, outstanding: 20);
            Assert.False(_hold.IsWorthIt(outstanding: 1, calls: 0));
            _hold.Release();
        }
    }

    /// <summary>A longer wait is for load: the rate from which events are held stays that of a shorter one.</summary>
    [Theory]
    [InlineData(500, true)]
    [InlineData(800, false)]
    public void InAGrid_EventsThatComeSeldom_AreNotHeld(int microsecondsApart, bool isHeld)
    {
        var hold = new BatchHold(SubmissionBounds.OfGrid, _time);
        for (var count = 0; count < 1000; count++)
        {
            hold.Release();
            _time.Advance(TimeSpan.FromMicroseconds(microsecondsApart));
            hold.Add(_time.GetTimestamp(), isAwaited: true, outstanding: 40);
        }

        Assert.Equal(isHeld, hold.IsWorthIt(outstanding: 20, calls: 1));
    }

    [Fact]
    public void ManyEvents_AreHeldForTheirTime()
    {
        Load(isAwaited: true, outstanding: 64);
        Arrive(TimeSpan.FromMicroseconds(20), isAwaited: true, outstanding: 10);

        Assert.True(_hold.IsWorthIt(outstanding: 10, calls: 0));
        Assert.Equal(Bounds.HoldAwaited, _time.GetElapsedTime(_time.GetTimestamp(), _hold.Until));
    }

    [Fact]
    public void EverybodyIsThere_NothingIsHeld()
    {
        Load(isAwaited: true, outstanding: 64);
        Arrive(TimeSpan.FromMicroseconds(20), isAwaited: true, outstanding: 64);

        Assert.False(_hold.IsWorthIt(outstanding: 64, calls: 0));
        Assert.True(_hold.IsWorthIt(outstanding: 64, calls: 1)); // those in the call come back
    }

    [Fact]
    public void ClientsThatLeft_AreForgotten()
    {
        Load(isAwaited: true, outstanding: 64);
        for (var batch = 0; batch < 200; batch++)
        {
            Arrive(TimeSpan.FromMicroseconds(20), isAwaited: true, outstanding: 20);
            _hold.Release();
        }
        Arrive(TimeSpan.FromMicroseconds(20), isAwaited: true, outstanding: 20);

        Assert.False(_hold.IsWorthIt(outstanding: 20, calls: 0));
    }

    /// <summary>Where each batch that waits in vain waits long, it must be soon.</summary>
    [Fact]
    public void InAGrid_ClientsThatLeft_AreSoonForgotten()
    {
        var hold = new BatchHold(SubmissionBounds.OfGrid, _time);
        for (var count = 0; count < 1000; count++)
        {
            hold.Release();
            _time.Advance(TimeSpan.FromMicroseconds(20));
            hold.Add(_time.GetTimestamp(), isAwaited: true, outstanding: 256);
        }
        Assert.True(hold.IsWorthIt(outstanding: 32, calls: 0));
        for (var batch = 0; batch < 40; batch++)
        {
            hold.Release();
            _time.Advance(TimeSpan.FromMicroseconds(20));
            hold.Add(_time.GetTimestamp(), isAwaited: true, outstanding: 32);
        }

        Assert.False(hold.IsWorthIt(outstanding: 32, calls: 0));
    }

    [Fact]
    public void LongPause_IsSoonForgotten()
    {
        Load(isAwaited: true, outstanding: 64);
        Arrive(TimeSpan.FromHours(8), isAwaited: true, outstanding: 1);
        _hold.Release();
        for (var count = 0; count < 300; count++)
            Arrive(TimeSpan.FromMicroseconds(20), isAwaited: true, outstanding: 64);

        Assert.False(_hold.IsWorthIt(outstanding: 64, calls: 0));
        _hold.Release();
        Arrive(TimeSpan.FromMicroseconds(20), isAwaited: true, outstanding: 10);
        Assert.True(_hold.IsWorthIt(outstanding: 10, calls: 0));
    }

    [Fact]
    public void FewClients_AreNotHeld()
    {
        Load(isAwaited: true, outstanding: 8);
        Arrive(TimeSpan.FromMicroseconds(20), isAwaited: true, outstanding: 4);

        Assert.False(_hold.IsWorthIt(outstanding: 4, calls: 1));
    }

    [Fact]
    public void AnsweredEvents_AreHeldLonger_UntilOneIsAwaited()
    {
        Load(isAwaited: false, outstanding: 64);
        Arrive(TimeSpan.FromMicroseconds(20), isAwaited: false, outstanding: 64);
        var first = _time.GetTimestamp();
        Assert.Equal(Bounds.HoldReceived, _time.GetElapsedTime(first, _hold.Until));

        Arrive(TimeSpan.FromMicroseconds(20), isAwaited: true, outstanding: 1);

        Assert.Equal(Bounds.HoldAwaited, _time.GetElapsedTime(first, _hold.Until));
    }

    [Fact]
    public void EnoughEvents_AreNotHeld()
    {
        Load(isAwaited: false, outstanding: 64);
        for (var count = 0; count < Bounds.HoldEventsMax; count++)
        {
            Assert.True(count == 0 || _hold.IsWorthIt(outstanding: count, calls: 0));
            Arrive(TimeSpan.FromMicroseconds(20), isAwaited: false, outstanding: count + 1);
        }

        Assert.False(_hold.IsWorthIt(outstanding: Bounds.HoldEventsMax, calls: 0));
    }

    [Fact]
    public void NoTimeToHold_NothingIsHeld()
    {
        var hold = new BatchHold(new SubmissionBounds { HoldAwaited = TimeSpan.Zero }, _time);
        for (var count = 0; count < 1000; count++)
            hold.Add(_time.GetTimestamp(), isAwaited: true, outstanding: 100);

        Assert.False(hold.IsWorthIt(outstanding: 1, calls: 1));
    }

    private void Load(bool isAwaited, int outstanding)
    {
        for (var count = 0; count < 2000; count++)
            Arrive(TimeSpan.FromMicroseconds(20), isAwaited, outstanding);
        _hold.Release();
    }

    private void Arrive(TimeSpan after, bool isAwaited, int outstanding)
    {
        _time.Advance(after);
        _hold.Add(_time.GetTimestamp(), isAwaited, outstanding);
    }
}
