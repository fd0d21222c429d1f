using CsCheck;
using Divolte.Frontend.Submission;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Telemetry;
using Xunit;

namespace Divolte.Silo.Tests.Redelivery;

/// <summary>
/// Real frontends and real shards, joined by a bad network. Each seed is one history; a failure prints its seed, which plays it again.
/// </summary>
public sealed class RedeliverySimulation
{
    private const int Shards = 3;
    private const int StepsPerHistory = 600;
    private const int Histories = 500;

    private static readonly GridMetrics Metrics = new();

    [Fact]
    public void PatientFrontends_EveryEventIsInTheJournalOnce() =>
        Gen.Int.Sample(seed => History.Play(seed, isPatient: true), iter: Histories, threads: 1);

    [Fact]
    public void ImpatientFrontends_NothingAcknowledgedIsLostAndNothingIsTwice() =>
        Gen.Int.Sample(seed => History.Play(seed, isPatient: false), iter: Histories, threads: 1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Duration", "Long")]
    public void ManyHistories_KeepEveryPromise(bool isPatient) =>
        Gen.Int.Sample(seed => History.Play(seed, isPatient), iter: 30_000, threads: 1);

    private sealed class History
    {
        private readonly int _seed;
        private readonly bool _isPatient;
        private readonly Random _random;
        private readonly SimulationClock _time = new();
        private readonly SimulationContext _context;
        private readonly ShardMap _map = new(Shards, 1);
        private readonly SimulatedGrid _grid;
        private readonly List<EventSubmitter> _frontends = [];
        private readonly List<Submission> _submissions = [];
        private int _clock;

        private History(int seed, bool isPatient, SimulationContext context)
        {
            _context = context;
            _seed = seed;
            _isPatient = isPatient;
            _random = new Random(seed);
            _grid = new SimulatedGrid(_random, _map, _time, Metrics) { CanBeUnavailable = !isPatient };
            var bounds = new SubmissionBounds { CallsMax = 2, PartEventsMax = 4, AnsweredKeptMax = TimeSpan.FromSeconds(isPatient ? 3600 : 1) };
            for (var number = 1; number <= 2; number++)
            {
                _frontends.Add(new EventSubmitter(
                    _map, new GridOptions(), _grid.SendAsync, _time, null, bounds, static chunk => chunk.Execute(), new Guid(number, 0, 0, new byte[8])));
            }
        }

        public static void Play(int seed, bool isPatient)
        {
            var outer = SynchronizationContext.Current;
            var context = new SimulationContext();
            SynchronizationContext.SetSynchronizationContext(context);
            try
            {
                // Made in here too: what a shard starts at once must go on in this context like everything later.
                new History(seed, isPatient, context).Play();
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

        private void RunWhatIsDue()
        {
            _context.Pump();
            Assert.True(_grid.Trouble is null, $"seed {_seed}: {_grid.Trouble}");
            Assert.True(_context.Stranger is null, $"seed {_seed}: another thread took part: {_context.Stranger}");
        }

        private void Step()
        {
            _clock++;
            switch (_random.Next(100))
            {
                case < 30:
                    Submit();
                    break;
                case < 60:
                    _grid.Deliver();
                    break;
                case < 88:
                    _grid.Write();
                    break;
                case < 90:
                    _grid.Move();
                    break;
                default:
                    _time.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 60)));
                    break;
            }
        }

        private void Submit()
        {
            var shard = _random.Next(Shards);
            var submission = new Submission(_submissions.Count, shard, Key: (ulong)(1 + shard + (Shards * _random.Next(12))), SubmittedAt: _clock);
            _submissions.Add(submission);
            _ = AwaitAsync(submission, _frontends[_random.Next(2)].SubmitAsync(FrameOf(submission), Acknowledgement.Durable));
        }

        private async Task AwaitAsync(Submission submission, ValueTask<SubmitOutcome> outcome)
        {
            submission.Outcome = await outcome;
            submission.ToldAt = _clock;
        }

        private void Heal()
        {
            _grid.IsHealed = true;
            for (var round = 0; _frontends.Any(frontend => frontend.Figures.QueuedEvents > 0); round++)
            {
                _clock++;
                Assert.True(round < 10_000, $"seed {_seed}: {_frontends.Sum(frontend => frontend.Figures.QueuedEvents)} events never end");
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
                if (_isPatient)
                    Assert.True(written.Count == submitted.Count, $"seed {_seed}: {submitted.Count} submitted, {written.Count} written");
                foreach (var sameKey in written.GroupBy(one => _submissions[one.Number].Key))
                    Assert.True(!sameKey.First().IsFlagged && sameKey.Skip(1).All(one => one.IsFlagged), $"seed {_seed}: first sights and repetitions are mixed up");

                var placeOf = written.ToDictionary(one => one.Number, one => one.Place);
                var durable = submitted.Where(submission => submission.Outcome == SubmitOutcome.Durable).ToList();
                Assert.All(durable, submission => Assert.True(placeOf.ContainsKey(submission.Number), $"seed {_seed}: an acknowledged event is lost"));
                foreach (var later in submitted.Where(submission => placeOf.ContainsKey(submission.Number)))
                {
                    var overtaken = durable.Any(earlier => earlier.ToldAt < later.SubmittedAt && placeOf[earlier.Number] > placeOf[later.Number]);
                    Assert.False(overtaken, $"seed {_seed}: an event is before one that was acknowledged before it was sent");
                }
            }
            Assert.All(_submissions, submission => Assert.True(submission.ToldAt > 0, $"seed {_seed}: a client waits for ever"));
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

    private sealed record Submission(int Number, int Shard, ulong Key, int SubmittedAt)
    {
        public SubmitOutcome? Outcome { get; set; }

        public int ToldAt { get; set; }
    }
}
