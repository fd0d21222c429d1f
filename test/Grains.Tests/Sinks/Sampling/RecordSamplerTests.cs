using Divolte.Grains.Schemas;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Sampling;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Sampling;

public sealed class RecordSamplerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void NobodyAsked_NothingIsKept()
    {
        var sampler = new RecordSampler("kafka", _time);

        Look(sampler, 1);

        Assert.Null(sampler.Ask());
    }

    [Fact]
    public void Asked_KeepsTheLastOfABatchOnceASecond()
    {
        var sampler = new RecordSampler("kafka", _time);
        sampler.Ask();

        Look(sampler, 1, 2);
        Look(sampler, 3);
        var first = sampler.Ask()!;
        _time.Advance(TimeSpan.FromSeconds(1));
        Look(sampler, 4);

        Assert.Equal(("kafka", "clicks", "{}"), (first.Sink, first.Mapping, first.Schema));
        Assert.Equal([2], first.Value);
        Assert.Equal([4], sampler.Ask()!.Value);
    }

    [Fact]
    public void AskedLongAgo_IsForgotten()
    {
        var sampler = new RecordSampler("kafka", _time);
        sampler.Ask();
        Look(sampler, 1);

        _time.Advance(RecordSampler.Interest + TimeSpan.FromMilliseconds(1));
        Look(sampler, 2);

        Assert.Null(sampler.Ask());
    }

    /// <summary>Shows a batch of records of one byte each.</summary>
    private static void Look(RecordSampler sampler, params byte[] values)
    {
        using var batch = new RecordBatch { Queue = 0 };
        foreach (var value in values)
        {
            var start = batch.Buffer.Length;
            batch.Buffer.Append(1)[0] = value;
            batch.Add(new MappedRecord(new MappingSchema("clicks", "{}", null), 0, start, 1, 0, 0));
        }
        sampler.Look(batch);
    }
}
