namespace Divolte.Frontend.Submission;

/// <summary>All parts without a final outcome, oldest first.</summary>
internal sealed class PartAges
{
    private BatchPart? _newest;

    public BatchPart? Oldest { get; private set; }

    public void Add(BatchPart part)
    {
        part.Older = _newest;
        if (_newest is null)
            Oldest = part;
        else
            _newest.Newer = part;
        _newest = part;
    }

    public void Remove(BatchPart part)
    {
        if (part.Older is null)
            Oldest = part.Newer;
        else
            part.Older.Newer = part.Newer;
        if (part.Newer is null)
            _newest = part.Older;
        else
            part.Newer.Older = part.Older;
        part.Older = part.Newer = null;
    }
}
