using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>Visitors that come for as long as a run lasts, and what they know of their events.</summary>
internal sealed class GridLoad
{
    private readonly VisitorFleet _fleet;
    private readonly Task _visiting;
    private readonly CancellationToken _cancellation;

    /// <param name="fleet">Makes the visitors, of more events than the run will see.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    public GridLoad(Func<SentEvents, VisitorFleet> fleet, CancellationToken cancellationToken)
    {
        _cancellation = cancellationToken;
        _fleet = fleet(Sent);
        _visiting = _fleet.RunAsync(cancellationToken);
    }

    public SentEvents Sent { get; } = new();

    /// <summary>Events that are acknowledged so far, repetitions not counted.</summary>
    public long Done => _fleet.Done;

    /// <summary>Waits until so many more are.</summary>
    public Task WaitForEventsAsync(int count) => _fleet.WaitForAsync(_fleet.Done + count, _visiting, _cancellation);

    /// <summary>The waits for acknowledgements so far, in words.</summary>
    public string Describe() => _fleet.DescribeWaits();

    /// <summary>Waits until every visitor has ended the event that it is at.</summary>
    public async Task EndAsync()
    {
        _fleet.Finish();
        await _visiting;
    }
}
