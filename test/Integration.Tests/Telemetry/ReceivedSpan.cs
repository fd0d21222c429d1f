namespace Divolte.Integration.Tests.Telemetry;

/// <summary>One span as a collector gets it.</summary>
/// <param name="Service">Name of the service that it is of.</param>
/// <param name="Name">Its name.</param>
/// <param name="Trace">Id of its trace.</param>
/// <param name="Parent">Id of the span that it is part of; empty for the first of a trace.</param>
/// <param name="Nanoseconds">How long it took.</param>
/// <param name="Tags">Tags that are numbers.</param>
/// <param name="IsError">Whether it ended in trouble.</param>
internal sealed record ReceivedSpan(string Service, string Name, string Trace, string Parent, long Nanoseconds, IReadOnlyDictionary<string, long> Tags, bool IsError)
{
    /// <summary>The numbers of fields are those of opentelemetry/proto/trace/v1/trace.proto.</summary>
    public static IEnumerable<ReceivedSpan> ReadAll(ProtobufMessage request) =>
        from resource in request.Messages(1)
        from scope in resource.Messages(2)
        from span in scope.Messages(2)
        select new ReceivedSpan(
            ServiceOf(resource),
            span.Text(5),
            span.Hex(1),
            span.Hex(4),
            span.Integer(8) - span.Integer(7),
            span.Messages(9).ToDictionary(tag => tag.Text(1), tag => tag.Messages(2).Single().Integer(3)),
            span.Messages(15).Any(status => status.Integer(3) == 2));

    /// <summary>The service of a <c>ResourceSpans</c> or <c>ResourceMetrics</c>.</summary>
    public static string ServiceOf(ProtobufMessage resource) =>
        resource.Messages(1).Single().Messages(1).Single(attribute => attribute.Text(1) == "service.name").Messages(2).Single().Text(1);
}
