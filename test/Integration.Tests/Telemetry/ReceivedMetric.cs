namespace Divolte.Integration.Tests.Telemetry;

/// <summary>One metric as a collector gets it.</summary>
/// <param name="Service">Name of the service that it is of.</param>
/// <param name="Name">Its name.</param>
/// <param name="Sum">Its data points together, if it is a sum of integers.</param>
internal sealed record ReceivedMetric(string Service, string Name, long Sum)
{
    /// <summary>The numbers of fields are those of opentelemetry/proto/metrics/v1/metrics.proto.</summary>
    public static IEnumerable<ReceivedMetric> ReadAll(ProtobufMessage request) =>
        from resource in request.Messages(1)
        from scope in resource.Messages(2)
        from metric in scope.Messages(2)
        select new ReceivedMetric(
            ReceivedSpan.ServiceOf(resource), metric.Text(1), metric.Messages(7).SelectMany(sum => sum.Messages(1)).Sum(point => point.Integer(6)));
}
