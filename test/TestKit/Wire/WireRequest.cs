using System.Globalization;
using System.Text.RegularExpressions;

namespace Divolte.TestKit.Wire;

/// <summary>What is odd about the bytes of a first request on a connection, as far as a server may judge it in another way than the recorded one did.</summary>
/// <param name="bytes">The bytes, one character each.</param>
public sealed partial class WireRequest(string bytes)
{
    private readonly string _head = HeadEnd().Match(bytes) is { Success: true } end ? bytes[..end.Index] : bytes;

    private string RequestLine => _head.Split('\n')[0].TrimEnd('\r');

    private IEnumerable<string> HeaderLines => _head.Split('\n').Skip(1).Select(line => line.EndsWith('\r') ? line[..^1] : line);

    /// <summary>The body as sent, chunks and all.</summary>
    private string Body => HeadEnd().Match(bytes) is { Success: true } end ? bytes[(end.Index + end.Length)..] : "";

    public bool HasLeadingBlankLine => bytes.StartsWith('\r') || bytes.StartsWith('\n');

    public bool IsHttpOneZero => RequestLine.EndsWith(" HTTP/1.0", StringComparison.Ordinal);

    public bool ExpectsContinue => ValuesOf("Expect").Any();

    /// <summary>A list in which <c>close</c> is one of several.</summary>
    public bool HasCloseInAList => ValuesOf("Connection").Any(value => value.Contains(',', StringComparison.Ordinal) && value.Contains("close", StringComparison.OrdinalIgnoreCase));

    /// <summary>More header lines than were taken, or names that are no tokens.</summary>
    public bool HasOddHeaders => HeaderLines.Count() > 200 || HeaderLines.Any(line => line.Contains(':', StringComparison.Ordinal) && !Token().IsMatch(line.Split(':')[0]));

    /// <summary>A version that is neither 1.0 nor 1.1.</summary>
    public bool HasOtherVersion => RequestLine.Split(' ') is [_, _, var version] && version is not ("HTTP/1.0" or "HTTP/1.1");

    public bool HasPlusSignInLength => ValuesOf("Content-Length").Any(value => value.StartsWith('+'));

    /// <summary>A head of more than a mebibyte, or with more than 400 lines.</summary>
    public bool HasTooMuchHead => _head.Length > 1 << 20 || HeaderLines.Count() > 400;

    /// <summary>Header lines, a host, a version or a target that no client library produces, but that a tolerant parser takes.</summary>
    public bool HasMalformedHead => HeaderLines.Any(IsMalformed) || ValuesOf("Host").Any(host => !HostName().IsMatch(host)) || HasMalformedTarget
        || RequestLine.EndsWith(" HTTP/0.9", StringComparison.Ordinal) || RequestLine.Split(' ') is not [_, { Length: > 0 }, _];

    /// <summary>A tunnel asked for where success has a body.</summary>
    public bool IsConnectToPing => RequestLine.StartsWith("CONNECT /ping", StringComparison.Ordinal);

    /// <summary>A body that is shorter than its declared length.</summary>
    public bool HasShortBody => DeclaredLength > Body.Length;

    /// <summary>A body with neither a length nor chunks, or chunks that are not as long as they say.</summary>
    public bool HasMalformedBody => (IsHttpOneZero && RequestLine.StartsWith("POST ", StringComparison.Ordinal) && !ValuesOf("Content-Length").Any())
        || ValuesOf("Transfer-Encoding").Any(coding => !coding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
        || (ValuesOf("Transfer-Encoding").Any() && !HasSoundChunks());

    /// <summary>The declared length, whatever its size.</summary>
    public decimal? DeclaredLength =>
        decimal.TryParse(ValuesOf("Content-Length").FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;

    private bool HasMalformedTarget
    {
        get
        {
            var target = RequestLine.Split(' ') is [_, var middle, ..] ? middle : "";
            var path = target.Split('?')[0];
            return path.Contains("%00", StringComparison.Ordinal) || !(path.StartsWith('/') || path.Contains("://", StringComparison.Ordinal));
        }
    }

    private static bool IsMalformed(string line) =>
        line.AsSpan().IndexOfAny('\r', '\0') >= 0 || line.IndexOf(':', StringComparison.Ordinal) <= 0 || line[0] is ' ' or '\t' || line.Split(':')[0].EndsWith(' ');

    private IEnumerable<string> ValuesOf(string name) => HeaderLines
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim());

    private bool HasSoundChunks()
    {
        var rest = Body;
        while (ChunkStart().Match(rest) is { Success: true } start
            && long.TryParse(start.Groups["size"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var size))
        {
            if (size == 0)
                return true;
            rest = rest[start.Length..];
            if (rest.Length < size + 2 || rest[(int)size..((int)size + 2)] != "\r\n")
                return false;
            rest = rest[((int)size + 2)..];
        }
        return false;
    }

    [GeneratedRegex("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
    private static partial Regex Token();

    [GeneratedRegex("\r?\n\r?\n")]
    private static partial Regex HeadEnd();

    [GeneratedRegex(@"^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?$")]
    private static partial Regex HostName();

    [GeneratedRegex("^(?<size>[0-9A-Fa-f]{1,8})[^\r\n]*\r\n")]
    private static partial Regex ChunkStart();
}
