using OpenTelemetry.Exporter;

namespace Divolte.Frontend.Telemetry;

/// <summary>One kind of telemetry that is sent. What is set for this kind alone goes before what is set for all.</summary>
/// <param name="Endpoint">Where to, if set for this kind alone; used as it is.</param>
/// <param name="Protocol">How, if set.</param>
/// <param name="Headers">What goes along, if set for this kind alone.</param>
internal sealed record OtlpSignal(Uri? Endpoint, OtlpExportProtocol? Protocol, string? Headers)
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    /// <returns>Null when this kind is not sent.</returns>
    /// <exception cref="IOException">A variable has a value that cannot be meant.</exception>
    public static OtlpSignal? Read(IConfiguration environment, string kind)
    {
        var general = ReadEndpoint(environment, Prefix + "ENDPOINT");
        var own = ReadEndpoint(environment, $"{Prefix}{kind}_ENDPOINT");
        if (own is null && general is null)
            return null;
        if (environment[$"OTEL_{kind}_EXPORTER"] is { Length: > 0 } exporters && !exporters.Split(',', StringSplitOptions.TrimEntries).Contains("otlp"))
            return null;
        return new OtlpSignal(
            own,
            ReadProtocol(environment, $"{Prefix}{kind}_PROTOCOL") ?? ReadProtocol(environment, Prefix + "PROTOCOL"),
            environment[$"{Prefix}{kind}_HEADERS"]);
    }

    /// <summary>Sets what the exporter does not read by itself.</summary>
    public void Apply(OtlpExporterOptions options)
    {
        if (Protocol is { } protocol)
            options.Protocol = protocol;
        if (Endpoint is not null)
            options.Endpoint = Endpoint;
        if (Headers is not null)
            options.Headers = Headers;
    }

    private static Uri? ReadEndpoint(IConfiguration environment, string name)
    {
        if (environment[name] is not { Length: > 0 } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
            return address;
        throw new IOException($"{name} = {text}: this is no address that begins with http:// or https://.");
    }

    private static OtlpExportProtocol? ReadProtocol(IConfiguration environment, string name) => environment[name] switch
    {
        null or "" => null,
        "grpc" => OtlpExportProtocol.Grpc,
        "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
        { } other => throw new IOException($"{name} = {other}: must be grpc or http/protobuf."),
    };
}
