using CsCheck;
using Divolte.Frontend.Spool;
using Divolte.Frontend.Submission;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Telemetry;
using Divolte.TestKit.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Silo.Tests.Redelivery;

/// <summary>
/// Real frontends with real spools, on disks that fail and lose their power, before real shards behind a bad network. Frontends die and come back with what
/// their disk kept. Each seed is one history; a failure prints its seed, which plays it again.
/// </summary>
public sealed class SpoolSimulation
{
    private const int Shards = 3;
    private const int StepsPerHistory = 800;

    private static readonly GridMetrics Metrics = new();

    [Fact]
    public void FrontendsThatDie_LoseNothingAcknowledged_AndNothingIsTwiceOrFalselyFlagged() =>
        Gen.Int.Sample(History.Play, iter: 400, threads: 1);

    [Fact]
    [Trait("Duration", "Long")]
    public void ManyHistories_KeepEveryPromise() => Gen.Int.Sample(History.Play, iter: 30_000, threads: 1);

    private sealed class History
    {
        private readonly int _seed;
        private readonly Random _random;
        private readonly SimulationClock _time = new();
        private readonly SimulationContext _context;
        private readonly ShardMap _map = new(Shards, 1);
        private readonly SimulatedGrid _grid;
        private readonly PowerCutFiles[] _disks = [new(), new()];
        private readonly Life[] _lives;
        private readonly List<Submission> _submissions = [];
        private bool _isAway;
        private int _lifeCount;
        private int _clock;

        private History(int seed, SimulationContext context)
        {
            _context = context;
            _seed = seed;
            _random = new Random(seed);
            _grid = new SimulatedGrid(_random, _map, _time, Metrics);
            _lives = [Begin(0), Begin(1)];
        }

        public static void Play(int seed)
        {
            var outer = SynchronizationContext.Current;
            var context = new SimulationContext();
            SynchronizationContext.SetSynchronizationContext(context);
            try
            {
                new History(seed, context).Play();
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(outer);
            }
        }

        private void Play()
        {
            for (var step = 0; step < StepsPerHistory; step++)
            {
                Step();
                RunWhatIsDue();
            }
            Heal();
            Check();
        }

        private void Step()
        {
            _clock++;
            switch (_random.Next(200))
            {
                case < 50:
                    Submit();
                    break;
                case < 100:
                    _grid.Deliver();
                    break;
                case < 150:
                    _grid.Write();
                    break;
                case < 154:
                    _grid.Move();
                    break;
                case < 156:
                    _isAway = !_isAway;
                    break;
                case < 158:
                    Die(_random.Next(2));
                    break;
                case < 160:
                    _disks[_random.Next(2)].SyncsToFail = 1;
                    break;
                default:
                    _time.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 80)));
                    break;
            }
        }

        private Life Begin(int disk)
        {
            var bounds = new SubmissionBounds { CallsMax = 2, PartEventsMax = 4, AnsweredKeptMax = TimeSpan.FromSeconds(1) };
            var spoolBounds = new SpoolBounds { BytesMax = 1 << 20, SegmentBytes = 4 << 10 };
            var spool = EventSpool.Open(_disks[disk], spoolBounds, new SpoolOwner(Shards, "party"), new Guid(++_lifeCount, 0, 0, new byte[8]), _time, NullLogger.Instance, static work =>
            {
                work();
                return Task.CompletedTask;
            });
            var submitter = new EventSubmitter(
                _map,
                new GridOptions(),
                (batch, token) => _isAway ? Task.FromException<Grains.Interfaces.Deduplication.BatchReceipt>(new IOException("away")) : _grid.SendAsync(batch, token),
                _time, null, bounds, static chunk => chunk.Execute(), frontend: null, spool);
            return new Life(disk, spool, submitter);
        }

        private void Die(int disk)
        {
            var dead = _lives[disk];
            dead.IsOver = true;
            if (_random.Next(2) == 0)
                _disks[disk].KillProcess();
            else
                _disks[disk].CutPower(_random);
            _ = dead.Submitter.DisposeAsync().AsTask();
            _disks[disk].Start();
            _lives[disk] = Begin(disk);
        }

        private void Submit()
        {
            var shard = _random.Next(Shards);
            var life = _lives[_random.Next(2)];
            var submission = new Submission(_submissions.Count, shard, life.Disk, Key: (ulong)(1 + shard + (Shards * _random.Next(12))), SubmittedAt: _clock);
            _submissions.Add(submission);
            _ = AwaitAsync(submission, life, life.Submitter.SubmitAsync(FrameOf(submission), Acknowledgement.Durable));
        }

        private async Task AwaitAsync(Submission submission, Life life, ValueTask<SubmitOutcome> outcome)
        {
            var told = await outcome;
            if (life.IsOver)
                return; // nobody was there any more to say it
            submission.Outcome = told;
            submission.ToldAt = _clock;
        }

        private void RunWhatIsDue()
        {
            _context.Pump();
            Assert.True(_grid.Trouble is null, $"seed {_seed}: {_grid.Trouble}");
            Assert.True(_context.Stranger is null, $"seed {_seed}: another thread took part: {_context.Stranger}");
        }

        private void Heal()
        {
            _grid.IsHealed = true;
            _isAway = false;
            for (var round = 0; _lives.Any(life => life.Submitter.Figures.QueuedEvents > 0 || life.Spool.WaitingParts > 0); round++)
            {
                _clock++;
                Assert.True(round < 20_000, $"seed {_seed}: {_lives.Sum(life => life.Submitter.Figures.QueuedEvents)} events and {_lives.Sum(life => life.Spool.WaitingParts)} parts never end");
                _grid.Deliver();
                _grid.Write();
                if (_grid.MessagesOnTheWay == 0 && _grid.Journal.WaitingAppends.Count == 0)
                    _time.Advance(TimeSpan.FromMilliseconds(50));
                RunWhatIsDue();
            }
        }

        private void Check()
        {
            for (var shard = 0; shard < Shards; shard++)
            {
                var written = _grid.Journal.EventsOf(shard).Select((text, place) => (Number: int.Parse(text.TrimEnd('*')), IsFlagged: text.EndsWith('*'), Place: place)).ToList();
                var submitted = _submissions.Where(submission => submission.Shard == shard).ToList();

                Assert.True(written.DistinctBy(one => one.Number).Count() == written.Count, $"seed {_seed}: an event is written twice");
                foreach (var sameKey in written.GroupBy(one => _submissions[one.Number].Key))
                    Assert.True(!sameKey.First().IsFlagged && sameKey.Skip(1).All(one => one.IsFlagged), $"seed {_seed}: first sights and repetitions are mixed up");

                var placeOf = written.ToDictionary(one => one.Number, one => one.Place);
                var durable = submitted.Where(submission => submission.Outcome == SubmitOutcome.Durable).ToList();
                Assert.All(durable, submission => Assert.True(placeOf.ContainsKey(submission.Number), $"seed {_seed}: acknowledged event {submission.Number} is lost"));
                foreach (var later in submitted.Where(submission => placeOf.ContainsKey(submission.Number)))
                {
                    // Between two frontends nothing is promised while one of them has a spool.
                    var overtaken = durable.FirstOrDefault(earlier =>
                        earlier.Disk == later.Disk && earlier.ToldAt < later.SubmittedAt && placeOf[earlier.Number] > placeOf[later.Number]);
                    Assert.True(overtaken is null, $"seed {_seed}: event {later.Number} is before {overtaken?.Number}, acknowledged before it was sent to the same frontend");
                }
            }
        }

        private static byte[] FrameOf(Submission submission)
        {
            using var buffer = new FrameBuffer();
            var writer = new EventFrameWriter(buffer);
            // The lowest hash of the shard: the map multiplies and shifts.
            writer.SetIdentity(submission.Key, (uint)((((ulong)submission.Shard << 32) + Shards - 1) / Shards));
            writer.WriteSlot(FrameSlot.Source, "browser"u8);
            writer.WriteSlot(FrameSlot.PartyId, "party"u8);
            writer.WriteSlot(FrameSlot.SessionId, "session"u8);
            writer.WriteSlot(FrameSlot.EventId, submission.Number.ToString());
            writer.Complete();
            return buffer.Written.ToArray();
        }
    }

    private sealed record Life(int Disk, EventSpool Spool, EventSubmitter Submitter)
    {
        public bool IsOver { get; set; }
    }

    private sealed record Submission(int Number, int Shard, int Disk, ulong Key, int SubmittedAt)
    {
        public SubmitOutcome? Outcome { get; set; }

        public int ToldAt { get; set; }
    }
}
