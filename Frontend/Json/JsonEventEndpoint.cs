using System.Text;
using Divolte.Frontend.Requests;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Divolte.Frontend.Json;

/// <summary>
/// POST of one event. What is wrong with the request is told to the client, in the order of the checks below; what is wrong with the event in its body is
/// only counted, and answered like a good one, because clients of upstream expect it so. A strict source tells that too.
/// </summary>
internal sealed class JsonEventEndpoint(JsonSourceOptions source, EventIntake intake) : IEndpoint
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(source.Name);
    private readonly byte[] _partyIdParameter = Encoding.UTF8.GetBytes(source.PartyIdParameter);
    private readonly int _bodyBytesMax = RequestBody.LimitOf(source.MaximumBodySize);
    private readonly Acknowledgement _acknowledge = intake.AcknowledgementOf(source);
    private readonly SourceCounters _counters = intake.Metrics.Source(source.Name);

    public Task HandleAsync(HttpContext context, RequestTarget target)
    {
        if (!context.Request.Method.Equals(HttpMethods.Post, StringComparison.OrdinalIgnoreCase))
            return Answers.MethodNotAllowed(context, HttpMethods.Post);
        if (context.Request.Headers.ContentType is not [{ } type] || !type.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            return Answers.Text(context, StatusCodes.Status415UnsupportedMediaType, "Content type must be application/json.");
        _counters.CountReceived();
        return ReadAndAnswerAsync(context);
    }

    private async Task ReadAndAnswerAsync(HttpContext context)
    {
        using var body = await RequestBody.ReadAsync(context, _bodyBytesMax);
        switch (body.Status)
        {
            case RequestBodyStatus.Complete:
                await SubmitAndAnswerAsync(context, body);
                break;
            case RequestBodyStatus.TooLarge:
                _counters.CountDropped(DropReason.TooLarge);
                await RequestBody.RefuseAsync(context, intake.Time);
                break;
            case RequestBodyStatus.Absent:
                _counters.CountDropped(DropReason.Body);
                await Answers.Empty(context, StatusCodes.Status400BadRequest);
                break;
            case RequestBodyStatus.TooSlow:
                _counters.CountDropped(DropReason.Body);
                context.Response.Headers.Connection = "close";
                await Answers.Empty(context, StatusCodes.Status408RequestTimeout);
                break;
            case RequestBodyStatus.Broken:
                _counters.CountDropped(DropReason.Body);
                context.Abort();
                break;
            default:
                throw new InvalidOperationException($"Body status {body.Status} has no answer.");
        }
    }

    private async Task SubmitAndAnswerAsync(HttpContext context, RequestBody body)
    {
        var dropped = Submit(context, body.Bytes, out var submission);
        if (dropped != DropReason.None)
        {
            _counters.CountDropped(dropped);
            await RefuseAsync(context, dropped);
            return;
        }
        var outcome = await submission;
        await (outcome.IsTaken() ? Answers.Empty(context, StatusCodes.Status204NoContent) : Answers.Unavailable(context));
    }

    /// <summary>The request itself is at fault, or only the event in its body, of which clients of upstream are not told.</summary>
    private Task RefuseAsync(HttpContext context, DropReason dropped) => dropped switch
    {
        DropReason.PartyId => Answers.Empty(context, StatusCodes.Status400BadRequest),
        DropReason.TooLarge => Answers.Empty(context, StatusCodes.Status413PayloadTooLarge),
        _ when source.IsStrict => Answers.Text(context, StatusCodes.Status400BadRequest, Explain(dropped)),
        _ => Answers.Empty(context, StatusCodes.Status204NoContent),
    };

    /// <summary>For the developer of a client; it names nothing that the client sent.</summary>
    private static string Explain(DropReason dropped) => dropped switch
    {
        DropReason.Incomplete => "The event must have session_id, event_id, is_new_party, is_new_session and client_timestamp_iso.",
        DropReason.SessionId => "session_id must be an identifier such as 0:i1t84hgy:unique.",
        DropReason.ClientTime => "client_timestamp_iso must be an ISO 8601 date and time with an offset, such as 2016-06-01T18:54:16.123Z.",
        _ => "The body must be one JSON object with the properties of an event and no others.",
    };

    private DropReason Submit(HttpContext context, ReadOnlySpan<byte> body, out ValueTask<SubmitOutcome> submission)
    {
        submission = default;
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var target = RequestTarget.Split(rawTarget);
        var scratch = RequestScratch.Current;
        Span<byte> address = stackalloc byte[ClientAddress.LengthMax];
        var facts = new RequestFacts
        {
            Source = _name,
            TimeMilliseconds = intake.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            RemoteHost = intake.WriteAddress(context, address),
            RawTarget = rawTarget,
            Query = target.Query,
            Headers = scratch.HeadersOf(context),
            // The other ids are in the body, so a repetition is found by its party only.
            RouteBy = RouteBy.Party,
        };
        if (!scratch.Query.TryDecode(target.Query))
            return DropReason.TooLarge;
        var frame = scratch.TakeFrame();
        var dropped = JsonEventFrame.Write(frame, scratch.Query, _partyIdParameter, body, facts);
        if (dropped == DropReason.None)
            submission = intake.Submit(frame.Written, _acknowledge);
        return dropped;
    }
}
