using CsCheck;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Files;
using Microsoft.Extensions.Time.Testing;

namespace Divolte.Grains.Tests.Sinks.Files;

/// <summary>Random batches, flushes, rolls, failing disks and power cuts: what is confirmed is in the files once, and nothing comes twice.</summary>
public sealed class FileSinkCrashProperties
{
    private enum Step
    {
        Write,
        Flush,
        PassSeconds,
        PassMinutes,
        FailSoon,
        Crash,
    }

    [Fact]
    public async Task WhateverHappens_EveryRecordIsThereOnceAndInOrder()
    {
        var step = Gen.Frequency(
            (8, Gen.Const(Step.Write)), (3, Gen.Const(Step.Flush)), (2, Gen.Const(Step.PassSeconds)), (1, Gen.Const(Step.PassMinutes)), (1, Gen.Const(Step.FailSoon)), (2, Gen.Const(Step.Crash)));
        await Gen.Select(Gen.Int[1, 1_000_000], step.Array[5, 60]).SampleAsync(async (seed, steps) => await RunAsync(seed, steps), iter: 400);
    }

    private static async Task RunAsync(int seed, Step[] steps)
    {
        var random = new Random(seed);
        var time = new FakeTimeProvider();
        var store = new PowerLossFileStore(random);
        var client = new Client(store, time, random);
        foreach (var step in steps)
        {
            switch (step)
            {
                case Step.Write:
                    await client.WriteAsync();
                    break;
                case Step.Flush:
                    await client.FlushAsync();
                    break;
                case Step.PassSeconds:
                    time.Advance(TimeSpan.FromSeconds(random.Next(1, 10)));
                    break;
                case Step.PassMinutes:
                    time.Advance(TimeSpan.FromMinutes(random.Next(1, 3)));
                    break;
                case Step.FailSoon:
                    store.FailAfter(random.Next(0, 12));
                    break;
                case Step.Crash:
                    await client.CrashAsync();
                    break;
            }
        }
        store.Heal();
        await client.FinishAsync();

        for (var queue = 0; queue < Client.Queues; queue++)
        {
            var ids = AFileSink.PublishedIds(store).Where(id => id.StartsWith($"q{queue}-", StringComparison.Ordinal)).ToArray();
            Assert.Equal(Enumerable.Range(1, client.WrittenOf(queue)).Select(n => $"q{queue}-{n}"), ids);
        }
    }

    /// <summary>Two queues that behave as a sink worker does: what is not confirmed is written again, in order, through a new writer.</summary>
    private sealed class Client(PowerLossFileStore store, FakeTimeProvider time, Random random)
    {
        public const int Queues = 2;
        private readonly ISinkWriter?[] _writers = new ISinkWriter?[Queues];
        private readonly int[] _next = new int[Queues];
        private readonly int[] _last = new int[Queues];
        private readonly List<Task<WriteReceipt>>[] _receipts = [[], []];
        private FileSink _sink = AFileSink.Over(store, time, AFileSink.Strategy with { SyncFileAfterRecords = 5 }, queues: Queues);

        public int WrittenOf(int queue) => _last[queue];

        public async Task WriteAsync()
        {
            var queue = random.Next(Queues);
            await CheckAsync(queue);
            if (_writers[queue] is null && !await OpenAsync(queue))
                return;
            var count = random.Next(0, 4);
            var first = _next[queue] + 1;
            _next[queue] += count;
            _last[queue] = Math.Max(_last[queue], _next[queue]);
            using var batch = AFileSink.Batch(queue, _next[queue], [.. Enumerable.Range(first, count).Select(n => $"q{queue}-{n}")]);
            _receipts[queue].Add(await _writers[queue]!.WriteAsync(batch, CancellationToken.None));
        }

        public async Task FlushAsync()
        {
            foreach (var writer in _writers.OfType<ISinkWriter>())
                await writer.FlushAsync(CancellationToken.None);
        }

        public Task CrashAsync()
        {
            _sink.Abandon();
            store.Crash();
            time.Advance(TimeSpan.FromHours(1)); // a start takes longer than the seconds that names count
            _sink = AFileSink.Over(store, time, AFileSink.Strategy with { SyncFileAfterRecords = 5 }, queues: Queues);
            for (var queue = 0; queue < Queues; queue++)
                Forget(queue);
            return Task.CompletedTask;
        }

        public async Task FinishAsync()
        {
            for (var queue = 0; queue < Queues; queue++)
            {
                await CheckAsync(queue);
                while (_writers[queue] is null && !await OpenAsync(queue))
                {
                }
                while (_next[queue] < _last[queue])
                {
                    using var batch = AFileSink.Batch(queue, _next[queue] + 1, $"q{queue}-{++_next[queue]}");
                    _receipts[queue].Add(await _writers[queue]!.WriteAsync(batch, CancellationToken.None));
                }
            }
            await _sink.DisposeAsync();
            foreach (var receipt in _receipts.SelectMany(r => r))
                Assert.Equal(WriteStatus.Written, (await receipt).Status);
        }

        private async Task CheckAsync(int queue)
        {
            foreach (var receipt in _receipts[queue].Where(r => r.IsCompleted))
            {
                if ((await receipt).Status != WriteStatus.TryLater)
                    continue;
                store.Heal();
                await Task.WhenAll(_receipts[queue].Select(r => r.WaitAsync(TimeSpan.FromSeconds(10))));
                Forget(queue);
                return;
            }
        }

        private void Forget(int queue)
        {
            _writers[queue] = null;
            _receipts[queue].Clear();
        }

        private async Task<bool> OpenAsync(int queue)
        {
            try
            {
                _writers[queue] = await _sink.OpenAsync(queue, CancellationToken.None);
                _next[queue] = (int)(_writers[queue]!.Confirmed?.Offset ?? 0);
                return true;
            }
            catch (SinkUnavailableException)
            {
                store.Heal();
                return false;
            }
        }
    }
}
