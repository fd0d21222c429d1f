namespace Divolte.Silo.Tests.Redelivery;

/// <summary>Runs every continuation on the one thread of a simulation, in order, so that a seed means one history.</summary>
internal sealed class SimulationContext : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;

    /// <summary>Where something came from another thread, which would make a history depend on luck; null when nothing did.</summary>
    public string? Stranger { get; private set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            Stranger ??= Environment.StackTrace;
        lock (_posted)
            _posted.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    /// <summary>Runs until nothing is left.</summary>
    public void Pump()
    {
        while (_posted.TryDequeue(out var posted))
            posted.Callback(posted.State);
    }
}
