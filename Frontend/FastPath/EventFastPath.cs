using System.IO.Pipelines;
using System.Net;
using System.Text;
using Divolte.Frontend.Browser;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Requests;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend.FastPath;

/// <summary>
/// Takes plain requests for browser events off a connection before the HTTP server reads them, and answers them from prepared bytes. Everything else, and
/// whatever is not quite plain, is the server's. An event gets the same answer and the same frame either way.
/// </summary>
internal sealed class EventFastPath(IReadOnlyDictionary<string, IEndpoint> routes, ShutdownDrain drain, FrontendMetrics metrics, TimeProvider time)
{
    private readonly Route[] _routes = [.. routes
        .Where(route => route.Value is BrowserEventEndpoint { HasPlainAnswers: true } && !route.Key.AsSpan().ContainsAny('%', ';'))
        .Select(route => new Route(Encoding.UTF8.GetBytes(route.Key), (BrowserEventEndpoint)route.Value))];

    /// <summary>The answers of this path.</summary>
    public PreparedAnswers Answers { get; } = new(time);

    /// <summary>How long a connection without requests is kept.</summary>
    public required TimeSpan IdleTimeout { get; set; }

    /// <summary>Whether there is any source whose events it can take.</summary>
    public bool HasRoutes => _routes.Length > 0;

    /// <summary>Puts the path in front of a connection's HTTP server.</summary>
    public ConnectionDelegate Use(ConnectionDelegate next) => connection =>
    {
        connection.Transport = new Transport(new EventRequestReader(this, connection), connection.Transport.Output);
        return next(connection);
    };

    /// <summary>Takes the event of a plain request, if it is for a source and nothing about it needs the HTTP server. Who begins one ends it.</summary>
    public bool TryBegin(RequestHead head, IPAddress? peer, out ValueTask<SubmitOutcome> outcome)
    {
        outcome = default;
        if (head.IsConditional || Find(head.Target) is not { } endpoint)
            return false;
        var target = RequestScratch.Current.TextOf(head.Target);
        if (!RequestTarget.IsWellFormed(target) || QueryParameters.HasTooMany(RequestTarget.Split(target).Query) || !drain.TryEnter())
            return false;
        try
        {
            outcome = endpoint.Submit(head, target, peer);
        }
        catch
        {
            drain.Leave();
            throw;
        }
        return true;
    }

    /// <summary>Counts the answer of an event that was begun.</summary>
    public void End(bool isTaken)
    {
        metrics.CountAnswer(isTaken ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        drain.Leave();
    }

    private BrowserEventEndpoint? Find(ReadOnlySpan<byte> target)
    {
        var question = target.IndexOf((byte)'?');
        var path = question < 0 ? target : target[..question];
        foreach (var route in _routes)
        {
            if (path.SequenceEqual(route.Path))
                return route.Endpoint;
        }
        return null;
    }

    private sealed record Route(byte[] Path, BrowserEventEndpoint Endpoint);

    private sealed class Transport(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}
