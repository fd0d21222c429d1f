namespace Divolte.Grains.Journal.Writing;

/// <summary>
/// The appends of a group that have their outcome, answered by one work item of the thread pool: the writer goes on at once, and its callers, each of whom has a
/// microsecond's work left, do not cost a work item each.
/// </summary>
internal sealed class AnsweredAppends : IThreadPoolWorkItem
{
    /// <summary>So few that in a large group the last caller does not wait for all others.</summary>
    private const int AppendsMax = 64;

    private readonly AppendRequest[] _requests = new AppendRequest[AppendsMax];
    private readonly AppendStatus _status;
    private readonly DateTimeOffset _storeTime;
    private int _count;

    private AnsweredAppends(AppendStatus status, DateTimeOffset storeTime)
    {
        _status = status;
        _storeTime = storeTime;
    }

    /// <summary>Answers requests on the thread pool. None of them may be touched afterwards: its caller may be using it again.</summary>
    public static void Publish(List<AppendRequest> requests, AppendStatus status, DateTimeOffset storeTime)
    {
        AnsweredAppends? answered = null;
        foreach (var request in requests)
        {
            answered ??= new AnsweredAppends(status, storeTime);
            answered._requests[answered._count++] = request;
            if (answered._count < AppendsMax)
                continue;
            ThreadPool.UnsafeQueueUserWorkItem(answered, preferLocal: false);
            answered = null;
        }
        if (answered is not null)
            ThreadPool.UnsafeQueueUserWorkItem(answered, preferLocal: false);
    }

    public void Execute()
    {
        for (var index = 0; index < _count; index++)
            _requests[index].Complete(_status, _storeTime);
    }
}
