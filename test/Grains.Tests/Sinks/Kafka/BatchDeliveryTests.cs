using Confluent.Kafka;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Kafka;
using Xunit;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Tests.Sinks.Kafka;

public sealed class BatchDeliveryTests
{
    private static readonly Error Delivered = new(ErrorCode.NoError);

    [Fact]
    public async Task LastReport_EndsTheBatch()
    {
        var delivery = new BatchDelivery(2);
        delivery.HandOverEnded(0, null);
        delivery.Report(1, Delivered);
        Assert.False(delivery.Outcome.IsCompleted);
        Assert.Equal(1, delivery.Missing);

        delivery.ReportWritten();

        Assert.Same(WriteReceipt.AllWritten, await delivery.Outcome);
    }

    [Fact]
    public void ReportsBeforeTheHandOverEnds_DoNotEndTheBatch()
    {
        var delivery = new BatchDelivery(1);

        delivery.Report(0, Delivered);

        Assert.False(delivery.Outcome.IsCompleted);
    }

    [Fact]
    public async Task RefusedRecords_AreListedByIndexAndTheOthersAreWritten()
    {
        var delivery = new BatchDelivery(3);
        delivery.Report(2, new Error(ErrorCode.MsgSizeTooLarge, "too large"));
        delivery.Report(0, new Error(ErrorCode.InvalidRecord, "not valid"));
        delivery.Report(1, Delivered);
        delivery.HandOverEnded(0, null);

        var receipt = await delivery.Outcome;

        Assert.Equal(WriteStatus.Written, receipt.Status);
        Assert.Equal([new RefusedRecord(0, "not valid"), new RefusedRecord(2, "too large")], receipt.Refused);
    }

    [Fact]
    public async Task OnePassingError_MeansAllIsWrittenAgain()
    {
        var delivery = new BatchDelivery(2);
        delivery.Report(0, new Error(ErrorCode.InvalidRecord, "not valid"));
        delivery.Report(1, new Error(ErrorCode.NotEnoughReplicas, "replicas are away"));
        delivery.HandOverEnded(0, null);

        var receipt = await delivery.Outcome;

        Assert.Equal((WriteStatus.TryLater, "replicas are away"), (receipt.Status, receipt.Reason));
        Assert.Empty(receipt.Refused);
    }

    [Fact]
    public async Task HandOverCutShort_IsTriedLaterOnceTheOthersAreReported()
    {
        var delivery = new BatchDelivery(3);
        delivery.HandOverEnded(2, "no such topic");
        Assert.False(delivery.Outcome.IsCompleted);

        delivery.Report(0, Delivered);

        Assert.Equal("no such topic", (await delivery.Outcome).Reason);
    }

    [Fact]
    public async Task AbandonedBatch_EndsOnceAndIgnoresLateReports()
    {
        var ends = 0;
        var delivery = new BatchDelivery(1, _ => ends++);
        delivery.HandOverEnded(0, null);

        delivery.Abandon("closed");
        delivery.Report(0, Delivered);

        Assert.Equal(WriteStatus.TryLater, (await delivery.Outcome).Status);
        Assert.Equal(1, ends);
    }
}
