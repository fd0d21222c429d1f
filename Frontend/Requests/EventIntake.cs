using System.Net;
using System.Text;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend.Requests;

/// <summary>Takes a complete frame on, of whose bytes it may change the format; they are copied before it returns. See <see cref="EventSubmitter.SubmitAsync"/>.</summary>
internal delegate ValueTask<SubmitOutcome> SubmitEvent(Span<byte> frame, Acknowledgement acknowledge);

/// <summary>What every event endpoint needs, whichever its kind.</summary>
internal sealed class EventIntake(DivolteConfiguration configuration, SubmitEvent submit, FrontendMetrics metrics, TimeProvider time)
{
    public SubmitEvent Submit { get; } = submit;

    public FrontendMetrics Metrics { get; } = metrics;

    public TimeProvider Time { get; } = time;

    public RouteBy RouteBy { get; } = configuration.Global.Grid.RouteBy;

    /// <summary>Writes the address of a request's sender, see <see cref="ClientAddress"/>.</summary>
    public ReadOnlySpan<byte> WriteAddress(HttpContext context, Span<byte> target)
    {
        var length = ClientAddress.Write(context, configuration.Global.Server.UseXForwardedFor, target, out var isHeaderIgnored);
        if (isHeaderIgnored)
            Metrics.CountForwardedIgnored();
        return target[..length];
    }

    /// <inheritdoc cref="WriteAddress(HttpContext, Span{byte})"/>
    public ReadOnlySpan<byte> WriteAddress(RequestHead head, IPAddress? peer, Span<byte> target)
    {
        if (!configuration.Global.Server.UseXForwardedFor || !head.HasForwardedFor)
            return target[..(peer is null ? 0 : ClientAddress.Format(peer, target))];
        var header = head.ForwardedFor;
        Span<char> text = header.Length <= 1024 ? stackalloc char[header.Length] : new char[header.Length];
        Encoding.Latin1.GetChars(header, text);
        var length = ClientAddress.WriteForwarded(text, peer, target, out var isHeaderIgnored);
        if (isHeaderIgnored)
            Metrics.CountForwardedIgnored();
        return target[..length];
    }

    /// <summary>When a client of a source is answered.</summary>
    public Acknowledgement AcknowledgementOf(SourceOptions source) => source.Acknowledge ?? configuration.Global.Grid.Acknowledge;
}
