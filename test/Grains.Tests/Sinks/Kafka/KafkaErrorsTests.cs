using Confluent.Kafka;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Kafka;
using Xunit;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Tests.Sinks.Kafka;

public sealed class KafkaErrorsTests
{
    /// <summary>The only codes that give a record up: whoever adds one adds it here too.</summary>
    private static readonly ErrorCode[] Final =
    [
        ErrorCode.MsgSizeTooLarge, ErrorCode.RecordListTooLarge, ErrorCode.InvalidRecord, ErrorCode.InvalidTimestamp,
        ErrorCode.Local_KeySerialization, ErrorCode.Local_ValueSerialization,
    ];

    [Fact]
    public void EveryCode_WaitsUnlessNoWaitingCanMendIt()
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            var expected = code == ErrorCode.NoError ? WriteStatus.Written : Final.Contains(code) ? WriteStatus.Refused : WriteStatus.TryLater;
            Assert.True(expected == KafkaErrors.StatusOf(code), $"{code} is {KafkaErrors.StatusOf(code)}, expected {expected}");
        }
    }

    [Fact]
    public void CodeOfALaterClient_Waits() => Assert.Equal(WriteStatus.TryLater, KafkaErrors.StatusOf((ErrorCode)12345));

    [Theory]
    [InlineData(ErrorCode.TopicAuthorizationFailed)]
    [InlineData(ErrorCode.SaslAuthenticationFailed)]
    [InlineData(ErrorCode.UnknownTopicOrPart)]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.ProducerFenced)]
    [InlineData(ErrorCode.InvalidMsg)] // a checksum that the network has broken
    public void WhatAnOperatorOrTimeCanMend_Waits(ErrorCode code) => Assert.Equal(WriteStatus.TryLater, KafkaErrors.StatusOf(new Error(code)));
}
