using System.Text;
using Divolte.Frontend.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Divolte.Frontend.Browser;

/// <summary>The answer to every event that was taken, and to those that are none: a transparent pixel that no cache keeps.</summary>
internal static class PixelAnswer
{
    /// <summary>The tag of every answer. Whoever revalidates with it repeats an event that was answered before: no new event.</summary>
    public const string Tag = "6b3edc43-20ec-4078-bc47-e965dd76b88a";

    private static readonly StringValues QuotedTag = $"\"{Tag}\"";
    private static readonly StringValues ImageType = "image/gif";
    private static readonly StringValues NotCached = "private, no-cache, proxy-revalidate";
    private static readonly StringValues NoCache = "no-cache";
    private static readonly StringValues LongAgo = "Fri, 14 Apr 1995 11:30:00 GMT";

    /// <summary>One pixel, one transparent colour, 37 bytes.</summary>
    public static ReadOnlySpan<byte> Pixel =>
    [
        0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x21, 0xf9, 0x04, 0x01, 0x0a, 0x00, 0x01,
        0x00, 0x2c, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x4c, 0x01, 0x00, 0x3b,
    ];

    /// <summary>Sets all headers but the length.</summary>
    public static void WriteHeaders(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentType = ImageType;
        headers.ETag = QuotedTag;
        headers.CacheControl = NotCached;
        headers.Pragma = NoCache;
        headers.Expires = LongAgo;
    }

    /// <summary>The whole answer as it goes over the wire, line by line as the HTTP server writes it.</summary>
    /// <param name="date">The value of its <c>Date</c>.</param>
    public static byte[] ToBytes(string date) =>
    [
        .. Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Length: {Pixel.Length}\r\nContent-Type: {ImageType}\r\nDate: {date}\r\nServer: {Answers.ServerName}\r\n"
            + $"Cache-Control: {NotCached}\r\nETag: {QuotedTag}\r\nExpires: {LongAgo}\r\nPragma: {NoCache}\r\n\r\n"),
        .. Pixel,
    ];
}
