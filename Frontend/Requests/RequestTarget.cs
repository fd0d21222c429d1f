using System.Buffers;

namespace Divolte.Frontend.Requests;

/// <summary>The request target exactly as it was sent, in its parts.</summary>
/// <param name="path">Before the question mark, still encoded; without scheme and authority when the target was an absolute URI.</param>
/// <param name="query">Behind the question mark, still encoded.</param>
internal readonly ref struct RequestTarget(ReadOnlySpan<char> path, ReadOnlySpan<char> query)
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "!$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~");

    public ReadOnlySpan<char> Path { get; } = path;

    public ReadOnlySpan<char> Query { get; } = query;

    /// <summary>Whether upstream's parser takes the target: no character that must be escaped, no broken escape. Otherwise it is a bad request.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> target)
    {
        if (target.ContainsAnyExcept(Allowed))
            return false;
        for (var percent = target.IndexOf('%'); percent >= 0;)
        {
            if (percent + 2 >= target.Length || !PercentDecoding.IsHex(target[percent + 1]) || !PercentDecoding.IsHex(target[percent + 2]))
                return false;
            var next = target[(percent + 3)..].IndexOf('%');
            percent = next < 0 ? -1 : percent + 3 + next;
        }
        return true;
    }

    /// <summary>Splits a well-formed target.</summary>
    public static RequestTarget Split(ReadOnlySpan<char> target)
    {
        var question = target.IndexOf('?');
        var path = question < 0 ? target : target[..question];
        var query = question < 0 ? default : target[(question + 1)..];
        if (!path.IsEmpty && path[0] != '/')
        {
            var authority = path.IndexOf("://");
            if (authority >= 0)
            {
                var slash = path[(authority + 3)..].IndexOf('/');
                path = slash < 0 ? "/" : path[(authority + 3 + slash)..];
            }
        }
        return new RequestTarget(path, query);
    }
}
