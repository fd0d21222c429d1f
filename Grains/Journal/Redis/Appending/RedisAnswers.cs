namespace Divolte.Grains.Journal.Redis.Appending;

/// <summary>
/// Appends that have their outcome, answered by one work item of the thread pool: the next script does not wait for their callers, each of whom has a
/// microsecond's work left and does not cost a work item of its own.
/// </summary>
internal sealed class RedisAnswers : IThreadPoolWorkItem
{
    private readonly List<(RedisAppend Append, AppendOutcome Outcome)> _answers = [];

    public void Add(RedisAppend append, AppendStatus status, DateTimeOffset storeTime) => _answers.Add((append, new AppendOutcome(status, storeTime)));

    /// <summary>Answers them. Nothing may be added afterwards.</summary>
    public void Publish()
    {
        if (_answers.Count > 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        foreach (var (append, outcome) in _answers)
            append.Complete(outcome);
    }
}
