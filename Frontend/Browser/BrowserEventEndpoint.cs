using System.Net;
using System.Text;
using Divolte.Frontend.Requests;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Divolte.Frontend.Browser;

/// <summary>
/// GET of one event: decode, submit, answer with a transparent pixel. A page never learns that its event was no good; it does learn, by 503, that a good
/// event could not be made durable.
/// </summary>
internal sealed class BrowserEventEndpoint(BrowserSourceOptions source, EventIntake intake) : IEndpoint
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(source.Name);
    private readonly Acknowledgement _acknowledge = intake.AcknowledgementOf(source);
    private readonly ServerPartyCookie? _partyCookie = source.HasServerPartyCookie ? new ServerPartyCookie(source) : null;
    private readonly SourceCounters _counters = intake.Metrics.Source(source.Name);

    /// <summary>Whether nothing of an answer depends on its request, so that the HTTP server is not needed for it.</summary>
    public bool HasPlainAnswers => _partyCookie is null && !source.JavaScript.HasClientHints && source.HttpResponseDelay == TimeSpan.Zero;

    /// <summary>Takes an event from a request that the HTTP server has not seen.</summary>
    /// <param name="head">The whole request.</param>
    /// <param name="rawTarget">Its target, well-formed and for this endpoint.</param>
    /// <param name="peer">Address of the client or of the proxy in front.</param>
    /// <returns>What to tell the client.</returns>
    public ValueTask<SubmitOutcome> Submit(RequestHead head, ReadOnlySpan<char> rawTarget, IPAddress? peer)
    {
        _counters.CountReceived();
        var scratch = RequestScratch.Current;
        var target = RequestTarget.Split(rawTarget);
        Span<byte> address = stackalloc byte[ClientAddress.LengthMax];
        var facts = FactsOf(rawTarget, target, intake.WriteAddress(head, peer, address), head);
        return TryWrite(scratch, scratch.Query.TryDecode(target.Query), facts, out var frame)
            ? intake.Submit(frame, _acknowledge)
            : ValueTask.FromResult(SubmitOutcome.Received);
    }

    public Task HandleAsync(HttpContext context, RequestTarget target)
    {
        if (!context.Request.Method.Equals(HttpMethods.Get, StringComparison.OrdinalIgnoreCase))
            return Answers.MethodNotAllowed(context, HttpMethods.Get);
        if (context.Request.Headers.IfNoneMatch is { Count: > 0 } tags && EntityTag.Matches(tags[0], PixelAnswer.Tag))
        {
            PixelAnswer.WriteHeaders(context.Response);
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
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var isDecoded = scratch.Query.TryDecode(target.Query);
        if (isDecoded && source.JavaScript.HasClientHints)
            HintParameters.AddTo(context.Request.Headers, scratch.Query);
        var facts = FactsOf(rawTarget, target, intake.WriteAddress(context, address), scratch.HeadersOf(context));
        if (!TryWrite(scratch, isDecoded, facts, out var frame))
            return ValueTask.FromResult(SubmitOutcome.Received);
        _partyCookie?.Renew(context, scratch.Query);
        return intake.Submit(frame, _acknowledge);
    }

    private RequestFacts FactsOf(ReadOnlySpan<char> rawTarget, RequestTarget target, ReadOnlySpan<byte> remoteHost, IRequestHeaders headers) => new()
    {
        Source = _name,
        TimeMilliseconds = intake.Time.GetUtcNow().ToUnixTimeMilliseconds(),
        RemoteHost = remoteHost,
        RawTarget = rawTarget,
        Query = target.Query,
        Headers = headers,
        RouteBy = intake.RouteBy,
    };

    private bool TryWrite(RequestScratch scratch, bool isDecoded, in RequestFacts facts, out Span<byte> frame)
    {
        var buffer = scratch.TakeFrame();
        var dropped = isDecoded ? BrowserEventQuery.Write(buffer, scratch.Query, facts) : DropReason.TooLarge;
        frame = buffer.Written;
        if (dropped == DropReason.None)
            return true;
        _counters.CountDropped(dropped);
        return false;
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
        PixelAnswer.WriteHeaders(context.Response);
        return Answers.Body(context, PixelAnswer.Pixel);
    }
}
