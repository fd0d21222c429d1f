using Divolte.Grains.Sinks;
using Xunit;

namespace Divolte.Grains.Tests.Sinks;

public sealed class RetryDelayTests
{
    private readonly RetryDelay _delay = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), new Random(7));

    [Fact]
    public void Delays_GrowWithJitterAndAreCapped()
    {
        double[] steps = [1, 2, 4, 8, 16, 30, 30, 30];

        Assert.All(steps, step => Assert.InRange(_delay.Next().TotalSeconds, step / 2, step));
    }

    [Fact]
    public void Reset_StartsSmallAgain()
    {
        for (var tries = 0; tries < 10; tries++)
            _delay.Next();

        _delay.Reset();

        Assert.InRange(_delay.Next().TotalSeconds, 0.5, 1);
    }
}
