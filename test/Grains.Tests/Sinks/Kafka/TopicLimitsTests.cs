using Divolte.Grains.Sinks.Kafka;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Kafka;

public sealed class TopicLimitsTests
{
    [Theory]
    [InlineData("10000", null, 9488)]
    [InlineData("10000", 20000, 9488)] // the topic was narrowed since
    [InlineData("10000", 9488, TopicLimits.EachAlone)] // what the topic says has not helped
    [InlineData("100", null, TopicLimits.EachAlone)]
    [InlineData(null, null, TopicLimits.EachAlone)]
    [InlineData("many", null, TopicLimits.EachAlone)]
    [InlineData("10000", TopicLimits.EachAlone, TopicLimits.EachAlone)]
    public void NextLimit_IsTheTopicsOrEachAlone(string? topicBytesMax, int? present, int expected) =>
        Assert.Equal(expected, TopicLimits.Next(topicBytesMax, present));
}
