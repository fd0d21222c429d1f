using CsCheck;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal;
using Divolte.TestKit;
using Divolte.TestKit.Journal;
using Xunit;

namespace Divolte.Grains.Tests.Journal;

/// <summary>
/// Random appends, failures, crashes and recoveries: whatever happens, nothing acknowledged is lost, order is kept, nothing appears half or twice.
/// A failing seed is printed and replays the same run.
/// </summary>
public sealed class PowerCutTests
{
    [Fact]
    public Task AnyHistory_KeepsWhatWasAcknowledged() =>
        Gen.Int[0, int.MaxValue].SampleAsync(async seed =>
        {
            await using var history = new History(seed);
            await history.RunAsync();
        }, iter: 150, threads: 2);

    [Fact]
    public Task AnyDamage_CostsWhatItHitAlone() =>
        Gen.Int[0, int.MaxValue].SampleAsync(async seed =>
        {
            await using var history = new History(seed);
            await history.RunThenDamageAsync();
        }, iter: 75, threads: 2);

    /// <summary>A thread that goes on for a moment must change nothing: the next process would see another directory than the disk has.</summary>
    [Fact]
    public void FileThatIsMadeWithoutPower_ChangesNothing()
    {
        var disk = new PowerCutFiles();
        IStableFiles files = disk;
        files.Create("a", 1).Dispose();
        files.SyncDirectory();
        disk.CutPower(null);

        Assert.Throws<IOException>(() => files.Create("a", 1));

        disk.Start();
        Assert.Equal(["a"], files.List());
    }

    private sealed class History(int seed) : IAsyncDisposable
    {
        private const int Shards = 8;
        private const int Queues = 4;
        private readonly Random _random = new(seed);
        private readonly JournalRig _rig = new();
        private readonly List<string>[] _acknowledged = [.. Enumerable.Range(0, Shards).Select(_ => new List<string>())];
        private readonly HashSet<string> _refused = [];
        private readonly HashSet<string> _unknown = [];
        private readonly Dictionary<int, JournalPosition> _confirmed = [];
        private readonly HashSet<string> _mayBeFreed = [];
        private int _number;

        public async Task RunAsync()
        {
            _rig.Options = _rig.Options with { SegmentBytes = 4096 + _random.Next(1000, 12_000), TailCacheBytes = _random.Next(2) * 100_000 };
            var incarnation = _rig.Journal.Incarnation;
            for (var step = _random.Next(5, 60); step > 0; step--)
            {
                await StepAsync();
                if (_random.Next(5) == 0)
                    await CheckAsync();
            }
            await CheckAsync();
            Assert.Equal(incarnation, _rig.Journal.Incarnation);
            Assert.Empty(_rig.Damaged);
        }

        public async Task RunThenDamageAsync()
        {
            _rig.Options = _rig.Options with { SegmentBytes = 4096 + _random.Next(1000, 12_000) };
            for (var burst = _random.Next(3, 30); burst > 0; burst--)
                await BurstAsync();
            if (_random.Next(2) == 0)
                _rig.Tick();
            await _rig.Journal.DisposeAsync();
            var flips = _random.Next(1, 4);
            var names = _rig.Files.Names.Where(name => name != "progress-0" && name != "progress-1").ToList();
            for (var flip = 0; flip < flips; flip++)
            {
                var name = names[_random.Next(names.Count)];
                _rig.Files.Flip(name, _random.Next(_rig.Files.Content(name).Length));
            }
            await _rig.ReopenAsync();
            var lost = await CountLostAsync();
            Assert.InRange(lost, 0, flips);
            await BurstAsync();
            await _rig.CutPowerAsync(_random);
            Assert.Equal(lost, await CountLostAsync());
        }

        public ValueTask DisposeAsync() => _rig.DisposeAsync();

        private Task StepAsync() => _random.Next(12) switch
        {
            < 5 => BurstAsync(),
            5 => _rig.CutPowerAsync(_random.Next(2) == 0 ? null : _random),
            6 => _rig.KillAsync(),
            7 => _rig.ReopenAsync(),
            8 => CutPowerWithinAsync(),
            9 => FailAsync(),
            10 => ConfirmAsync(),
            _ => TickAsync(),
        };

        /// <summary>Appends of several shards that share a write.</summary>
        private async Task BurstAsync()
        {
            var pending = await StartBurstAsync();
            foreach (var (shard, id, outcome) in pending)
                Settle(shard, id, await outcome, isCut: false);
        }

        private async Task CutPowerWithinAsync()
        {
            var pending = await StartBurstAsync(isCut: true);
            foreach (var (shard, id, outcome) in pending)
                Settle(shard, id, await outcome, isCut: true);
            await _rig.CutPowerAsync(_random);
        }

        private async Task FailAsync()
        {
            if (_random.Next(2) == 0)
                _rig.Files.SyncsToFail = _random.Next(1, 6);
            else
                _rig.Files.WritesToFail = _random.Next(1, 3);
            await BurstAsync();
            _rig.Files.SyncsToFail = 0;
            _rig.Files.WritesToFail = 0;
            _rig.Time.Advance(_rig.Options.RetryPause);
        }

        private async Task<List<(int Shard, string Id, Task<AppendOutcome> Outcome)>> StartBurstAsync(bool isCut = false)
        {
            for (var shard = 0; shard < Shards; shard++)
                await _rig.ClaimAsync(shard);
            var pending = new List<(int, string, Task<AppendOutcome>)>();
            using (var held = new HeldSync(_rig.Files))
            {
                for (var left = _random.Next(1, 12); left > 0; left--)
                {
                    var shard = _random.Next(Shards);
                    var id = $"{_number++}";
                    pending.Add((shard, id, await _rig.StartAsync(shard, id, _random.Next(4) == 0 ? _random.Next(3000) : _random.Next(200))));
                    // The first goes alone and the others share a write, whatever the threads do: a seed replays the same run.
                    await Task.WhenAny(held.Entered, pending[0].Item3);
                }
                if (isCut)
                {
                    await held.Entered;
                    _rig.Files.CutPower(_random);
                }
            }
            return pending;
        }

        private async Task ConfirmAsync()
        {
            var queue = _random.Next(Queues);
            var entries = await AnAppend.ReadAllAsync(_rig.Journal, queue, _confirmed.TryGetValue(queue, out var position) ? position : null);
            if (entries.Count == 0)
                return;
            var upTo = _random.Next(entries.Count);
            foreach (var entry in entries.Take(upTo + 1))
                _mayBeFreed.UnionWith(AnAppend.EventIds(entry));
            _confirmed[queue] = entries[upTo].Position;
            await _rig.Journal.SaveProgressAsync(new SinkProgress("sink", queue, entries[upTo].Position, default), CancellationToken.None);
        }

        private Task TickAsync()
        {
            _rig.Tick();
            return Task.CompletedTask;
        }

        private void Settle(int shard, string id, AppendOutcome outcome, bool isCut)
        {
            if (outcome.Status == AppendStatus.Appended)
                _acknowledged[shard].Add(id);
            else if (isCut)
                _unknown.Add(id);
            else
                _refused.Add(id);
        }

        private async Task CheckAsync()
        {
            for (var queue = 0; queue < Queues; queue++)
            {
                var entries = await AnAppend.ReadAllAsync(_rig.Journal, queue);
                var found = entries.SelectMany(AnAppend.EventIds).ToList();
                Assert.Equal(found.Distinct(), found);
                Assert.DoesNotContain(found, _refused.Contains);
                foreach (var shard in Enumerable.Range(0, Shards).Where(shard => shard % Queues == queue))
                {
                    var ofShard = entries.Where(entry => entry.Shard == shard).SelectMany(AnAppend.EventIds).ToList();
                    var expected = _acknowledged[shard].Where(id => !_mayBeFreed.Contains(id));
                    Assert.Equal(expected, ofShard.Where(id => !_unknown.Contains(id) && !_mayBeFreed.Contains(id)));
                    await CheckClaimAsync(shard);
                }
            }
        }

        private async Task CheckClaimAsync(int shard)
        {
            var claim = await _rig.Journal.ClaimAsync(shard, CancellationToken.None);
            _rig.Forget(shard);
            var marks = claim.Marks.Select(mark => mark.Key).ToList();
            var expected = _acknowledged[shard].Select(KeyOf).ToList();
            var unknown = _unknown.Select(KeyOf).ToHashSet();
            Assert.Equal(expected, marks.Where(mark => !unknown.Contains(mark)));
            Assert.Equal(claim.Marks.OrderBy(mark => mark.SeenAt), claim.Marks);
            Assert.InRange(claim.Redeliveries.SelectMany(one => one.Appended).Count(), expected.Count, marks.Count);
        }

        private async Task<int> CountLostAsync()
        {
            var found = new HashSet<string>();
            for (var queue = 0; queue < Queues; queue++)
                found.UnionWith(await _rig.ReadAsync(queue));
            return _acknowledged.SelectMany(ids => ids).Count(id => !found.Contains(id));
        }

        private static ulong KeyOf(string id) => Divolte.Grains.Interfaces.Events.EventFrame.IdentityKeyOf(AFrame.Of(id));
    }
}
