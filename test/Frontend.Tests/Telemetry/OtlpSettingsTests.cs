using Divolte.Frontend.Telemetry;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;
using Xunit;

namespace Divolte.Frontend.Tests.Telemetry;

public sealed class OtlpSettingsTests
{
    private static readonly (string, string) Endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");

    [Fact]
    public void NoEndpoint_NothingIsSent()
    {
        Assert.False(Read().IsOn);
        Assert.False(Read(("OTEL_SERVICE_NAME", "shop"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "")).IsOn);
    }

    [Fact]
    public void Endpoint_TurnsBothOn_AndTheExporterReadsIt()
    {
        var settings = Read(Endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));

        Assert.Equal(new OtlpSignal(null, OtlpExportProtocol.HttpProtobuf, null), settings.Metrics);
        Assert.Equal(settings.Metrics, settings.Traces);
    }

    [Fact]
    public void WhatIsSetForOneKind_IsForThatKind()
    {
        var settings = Read(
            Endpoint,
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces/take"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=b"));

        Assert.Equal(new OtlpSignal(null, null, null), settings.Metrics);
        Assert.Equal(new OtlpSignal(new Uri("https://traces/take"), OtlpExportProtocol.HttpProtobuf, "a=b"), settings.Traces);
        var options = new OtlpExporterOptions();
        settings.Traces!.Apply(options);
        Assert.Equal((new Uri("https://traces/take"), OtlpExportProtocol.HttpProtobuf, "a=b"), (options.Endpoint, options.Protocol, options.Headers));
    }

    [Fact]
    public void EndpointOfOneKindAlone_SendsThatKindAlone()
    {
        var settings = Read(("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://collector/metrics"));

        Assert.NotNull(settings.Metrics);
        Assert.Null(settings.Traces);
    }

    [Theory]
    [InlineData("none", false)]
    [InlineData("prometheus", false)]
    [InlineData("console, otlp", true)]
    [InlineData("", true)]
    public void ExporterOfAKind_DecidesWhetherItIsSent(string exporter, bool isSent) =>
        Assert.Equal((isSent, true), (Read(Endpoint, ("OTEL_TRACES_EXPORTER", exporter)).Traces is not null, Read(Endpoint, ("OTEL_TRACES_EXPORTER", exporter)).Metrics is not null));

    [Fact]
    public void Disabled_NothingIsSentWhateverElseIsSet() => Assert.False(Read(Endpoint, ("OTEL_SDK_DISABLED", "TRUE")).IsOn);

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "ftp://collector")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "GRPC")]
    public void ValueThatCannotBeMeant_IsNamed(string name, string value)
    {
        var problem = Assert.Throws<IOException>(() => Read(Endpoint, (name, value)));

        Assert.StartsWith($"{name} = {value}: ", problem.Message, StringComparison.Ordinal);
    }

    private static OtlpSettings Read(params (string Name, string Value)[] environment)
    {
        var values = new Dictionary<string, string?>();
        foreach (var (name, value) in environment)
            values[name] = value;
        return OtlpSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }
}
