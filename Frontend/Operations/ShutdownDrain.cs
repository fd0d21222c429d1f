namespace Divolte.Frontend.Operations;

/// <summary>How far a server has gone in leaving.</summary>
internal enum DrainState
{
    /// <summary>Everything is served.</summary>
    Serving = 0,

    /// <summary>Ping says 503 so that balancers look away; all else is served.</summary>
    Leaving = 1,

    /// <summary>New requests are refused; those under way go on.</summary>
    Closed = 2,

    /// <summary>No request is under way any more, or their time ran out.</summary>
    Drained = 3,
}

/// <summary>
/// The front half of a graceful stop: say so, wait for balancers to notice, refuse new requests, let those under way end. The host then stops the
/// listener, empties the submitter and leaves.
/// </summary>
internal sealed class ShutdownDrain(TimeProvider time)
{
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;
    private long _underWay;

    public DrainState State => (DrainState)Volatile.Read(ref _state);

    /// <summary>Requests that have entered and not left.</summary>
    public long UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Lets a request in, unless the gate is closed. Who enters must leave.</summary>
    public bool TryEnter()
    {
        // Counted first, so that closing the gate never misses a request that is about to pass it.
        Interlocked.Increment(ref _underWay);
        if (State < DrainState.Closed)
            return true;
        Leave();
        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _underWay) == 0 && State >= DrainState.Closed)
            _empty.TrySetResult();
    }

    /// <summary>Goes from serving to drained. A second call does nothing.</summary>
    /// <param name="delay">How long ping says 503 before the gate closes: <c>shutdown_delay</c>.</param>
    /// <param name="timeout">How long requests under way may take: <c>shutdown_timeout</c>.</param>
    /// <param name="cancellationToken">Cuts both waits short, without an error.</param>
    /// <returns>Whether every request under way has ended.</returns>
    public async Task<bool> RunAsync(TimeSpan delay, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, (int)DrainState.Leaving, (int)DrainState.Serving) != (int)DrainState.Serving)
            return UnderWay == 0;
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Volatile.Write(ref _state, (int)DrainState.Closed);
        Interlocked.MemoryBarrier();
        if (UnderWay == 0)
            _empty.TrySetResult();
        await _empty.Task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref _state, (int)DrainState.Drained);
        return _empty.Task.IsCompletedSuccessfully;
    }
}
