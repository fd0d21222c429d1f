namespace Divolte.Frontend.Requests;

/// <summary>What bytes at the beginning of a request are.</summary>
internal enum HeadStatus
{
    /// <summary>More must come before anything can be said.</summary>
    Incomplete = 0,

    /// <summary>The whole of a GET over HTTP/1.1 that nothing follows but the next request.</summary>
    Plain = 1,

    /// <summary>Something else, good or bad.</summary>
    Special = 2,
}
