using System.Text;
using Divolte.Frontend.Requests;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Divolte.Frontend.Browser;

/// <summary>
/// GET of one event: decode, submit, answer with a transparent pixel. A page never learns that its event was no good; it does learn, by 503, that a good
/// event could not be made durable.
/// </summary>
internal sealed class BrowserEventEndpoint(BrowserSourceOptions source, EventIntake intake) : IEndpoint
{
    /// <summary>The tag of every answer. Whoever revalidates with it repeats an event that was answered before: no new event.</summary>
    private const string Tag = "6b3edc43-20ec-4078-bc47-e965dd76b88a";

    private static readonly StringValues QuotedTag = $"\"{Tag}\"";
    private static readonly StringValues ImageType = "image/gif";
    private static readonly StringValues NotCached = "private, no-cache, proxy-revalidate";
    private static readonly StringValues NoCache = "no-cache";
    private static readonly StringValues LongAgo = "Fri, 14 Apr 1995 11:30:00 GMT";

    private readonly byte[] _name = Encoding.UTF8.GetBytes(source.Name);
    private readonly Acknowledgement _acknowledge = intake.AcknowledgementOf(source);
    private readonly ServerPartyCookie? _partyCookie = source.HasServerPartyCookie ? new ServerPartyCookie(source) : null;
    private readonly SourceCounters _counters = intake.Metrics.Source(source.Name);

    /// <summary>One pixel, one transparent colour, 37 bytes.</summary>
    private static ReadOnlySpan<byte> Pixel =>
    [
        0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x21, 0xf9, 0x04, 0x01, 0x0a, 0x00, 0x01,
        0x00, 0x2c, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x4c, 0x01, 0x00, 0x3b,
    ];

    public Task HandleAsync(HttpContext context, RequestTarget target)
    {
        if (!context.Request.Method.Equals(HttpMethods.Get, StringComparison.OrdinalIgnoreCase))
            return Answers.MethodNotAllowed(context, HttpMethods.Get);
        if (context.Request.Headers.IfNoneMatch is { Count: > 0 } tags && EntityTag.Matches(tags[0], Tag))
        {
            WriteHeaders(context.Response);
            return Answers.Empty(context, StatusCodes.Status304NotModified);
        }

        var delay = source.HttpResponseDelay > TimeSpan.Zero ? Task.Delay(source.HttpResponseDelay, intake.Time) : Task.CompletedTask;
        _counters.CountReceived();
        var submission = Submit(context, target);
        return submission.IsCompletedSuccessfully && delay.IsCompletedSuccessfully
            ? Answer(context, submission.GetAwaiter().GetResult())
            : AnswerLaterAsync(context, submission, delay);
    }

    /// <returns>What to tell the client. One whose request holds no event is told that it was received: there is nothing it could do.</returns>
    private ValueTask<SubmitOutcome> Submit(HttpContext context, RequestTarget target)
    {
        var scratch = RequestScratch.Current;
        Span<byte> address = stackalloc byte[ClientAddress.LengthMax];
        var facts = new RequestFacts
        {
            Source = _name,
            TimeMilliseconds = intake.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            RemoteHost = intake.WriteAddress(context, address),
            RawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            Query = target.Query,
            Headers = context.Request.Headers,
            RouteBy = intake.RouteBy,
        };
        var frame = scratch.TakeFrame();
        var isDecoded = scratch.Query.TryDecode(target.Query);
        if (isDecoded && source.JavaScript.HasClientHints)
            HintParameters.AddTo(context.Request.Headers, scratch.Query);
        var dropped = isDecoded ? BrowserEventQuery.Write(frame, scratch.Query, facts) : DropReason.TooLarge;
        if (dropped != DropReason.None)
        {
            _counters.CountDropped(dropped);
            return ValueTask.FromResult(SubmitOutcome.Received);
        }
        _partyCookie?.Renew(context, scratch.Query);
        return intake.Submit(frame.Written, _acknowledge);
    }

    private static async Task AnswerLaterAsync(HttpContext context, ValueTask<SubmitOutcome> submission, Task delay)
    {
        var outcome = await submission;
        await delay;
        await Answer(context, outcome);
    }

    private static Task Answer(HttpContext context, SubmitOutcome outcome)
    {
        if (!outcome.IsTaken())
            return Answers.Unavailable(context);
        WriteHeaders(context.Response);
        return Answers.Body(context, Pixel);
    }

    private static void WriteHeaders(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentType = ImageType;
        headers.ETag = QuotedTag;
        headers.CacheControl = NotCached;
        headers.Pragma = NoCache;
        headers.Expires = LongAgo;
    }
}
