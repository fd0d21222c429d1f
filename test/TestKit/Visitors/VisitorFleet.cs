using System.Collections.Concurrent;
using System.Diagnostics;

namespace Divolte.TestKit.Visitors;

/// <summary>
/// Visitors on several connections, each with parties of its own. A visitor sends its next event only after the last was acknowledged, sends again what was
/// not, and now and then repeats an acknowledged one. Everything is chosen by the seed; only the interleaving is the machine's.
/// </summary>
public sealed class VisitorFleet(VisitorFleetSettings settings, SentEvents sent)
{
    private readonly ConcurrentBag<TimeSpan> _waits = [];
    private long _done;
    private volatile bool _isFinishing;

    /// <summary>How many events are acknowledged so far, repetitions not counted.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Lets visitors end the event that they are at, and begin no other: for runs that last as long as something else does.</summary>
    public void Finish() => _isFinishing = true;

    /// <summary>How long every event waited from its first sending to its acknowledgement, shortest first.</summary>
    public IReadOnlyList<TimeSpan> Waits => [.. _waits.Order()];

    /// <summary>The waits in words: how many, median, 99.9 %, longest.</summary>
    public string DescribeWaits()
    {
        var waits = Waits;
        return waits.Count == 0
            ? "no event"
            : $"{waits.Count} events; waits in ms: median {waits[waits.Count / 2].TotalMilliseconds:0.0}, "
                + $"99.9 % {waits[(int)(waits.Count * 0.999)].TotalMilliseconds:0}, longest {waits[^1].TotalMilliseconds:0}";
    }

    /// <summary>Waits until so many events are acknowledged, two minutes at most.</summary>
    /// <param name="done">How many.</param>
    /// <param name="visiting">The run; its failure is thrown.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task WaitForAsync(long done, Task visiting, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 12_000 && Done < done; attempt++)
        {
            if (visiting.IsFaulted)
                await visiting;
            await Task.Delay(10, cancellationToken);
        }
        Assert.True(Done >= done, $"Only {Done} of {done} events were acknowledged within two minutes.");
    }

    /// <summary>Runs until every event is acknowledged.</summary>
    /// <exception cref="TimeoutException">An event was not acknowledged within the bound.</exception>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, settings.Connections).Select(connection => VisitAsync(connection, cancellationToken)));

    private async Task VisitAsync(int connectionNumber, CancellationToken cancellationToken)
    {
        var random = new Random(settings.Seed * 7919 + connectionNumber);
        using var connections = new BeaconConnections(settings.PortsNow ?? (() => [settings.Port]), settings.AnswerTimeout, random);
        var acknowledged = new List<Beacon>();
        for (long index = connectionNumber; index < settings.Events && !_isFinishing; index += settings.Connections)
        {
            var number = settings.FirstNumber + index;
            var party = random.Next(settings.PartiesPerConnection);
            var id = $"0:{Beacon.Base36(1_790_000_000_000 + party)}:seed{settings.Seed}c{connectionNumber}p{party}";
            var beacon = Beacon.PageView(settings.Path, id, id + "s", number, 1_790_000_000_000 + number, settings.Padding);
            await SendUntilAcknowledgedAsync(connections, beacon, random, cancellationToken);
            Interlocked.Increment(ref _done);
            acknowledged.Add(beacon);
            // Repeats are of recent events, well within the duplicate window, and may fall on either side of a kill.
            if (random.NextDouble() < settings.RepetitionShare)
                await SendUntilAcknowledgedAsync(connections, acknowledged[^(1 + random.Next(Math.Min(acknowledged.Count, 200)))], random, cancellationToken);
        }
    }

    private async Task SendUntilAcknowledgedAsync(BeaconConnections connections, Beacon beacon, Random random, CancellationToken cancellationToken)
    {
        var sentEvent = sent.Of(beacon);
        var begin = Stopwatch.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            sentEvent.Sends++;
            var status = await connections.SendAsync(beacon, cancellationToken);
            if (status == 200)
            {
                sentEvent.Acknowledged++;
                _waits.Add(Stopwatch.GetElapsedTime(begin));
                return;
            }
            // 503 is ours; 502 and 504 are what a balancer says when it finds nobody behind it.
            if (status is not (null or 502 or 503 or 504))
                throw new InvalidOperationException($"Event {beacon.Number} was answered with {status}.");
            if (attempt >= settings.AttemptsMax)
                throw new TimeoutException($"Event {beacon.Number} was not acknowledged in {attempt} attempts; the last answer was {status?.ToString(provider: null) ?? "none"}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50 + random.Next(100)), cancellationToken);
        }
    }
}

/// <summary>What the visitors of a run do.</summary>
public sealed record VisitorFleetSettings
{
    public required int Port { get; init; }

    /// <summary>The ports to send to, by chance for each sending; asked every time, because servers come and go. Default: <see cref="Port"/> alone.</summary>
    public Func<IReadOnlyList<int>>? PortsNow { get; init; }

    public string Path { get; init; } = "/csc-event";

    public required int Seed { get; init; }

    /// <summary>Different events in all.</summary>
    public required int Events { get; init; }

    /// <summary>Number of the first event; runs that share their records keep apart by it.</summary>
    public long FirstNumber { get; init; }

    public int Connections { get; init; } = 16;

    public int PartiesPerConnection { get; init; } = 50;

    /// <summary>Characters that make each event larger, in its referrer.</summary>
    public int Padding { get; init; }

    /// <summary>Share of acknowledged events that are sent once more.</summary>
    public double RepetitionShare { get; init; } = 0.1;

    /// <summary>How long a visitor waits for one answer. Longer than the server's own answer time-out.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often one event is sent before the run fails; with pauses of 50 to 150 ms between.</summary>
    public int AttemptsMax { get; init; } = 1200;
}
