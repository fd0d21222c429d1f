using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Integration.Tests.Telemetry;

/// <summary>Real processes that send metrics and traces to a collector, and what becomes of events when it does not take them.</summary>
public sealed class OtlpExportTests
{
    [Fact]
    public async Task Silo_SendsMetricsAndSpansOfBatches()
    {
        using var folder = new TemporaryFolder();
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = SingleSilo.Settings(folder) with { Environment = Sending(receiver.Address, ("OTEL_SERVICE_NAME", "shop")) };
        await using var silo = await SingleSilo.StartAsync(folder, settings);

        for (var number = 0; number < 10; number++)
            await silo.SendPageViewAsync(number);
        await receiver.WaitAsync("10 events received", () => receiver.Metrics.Any(metric => metric is { Name: "divolte.events.received", Sum: 10 }));
        await receiver.WaitAsync("10 records written", () => receiver.Metrics.Any(metric => metric is { Name: "divolte.sinks.records.written", Sum: 10 }));
        await receiver.WaitAsync("spans of 10 events", () => SumOf(receiver, "divolte.intake", "divolte.events") == 10 && SumOf(receiver, "divolte.sink.write", "divolte.records") == 10);

        Assert.All(receiver.Spans, span => Assert.Equal("shop", span.Service));
        Assert.All(receiver.Metrics, metric => Assert.Equal("shop", metric.Service));
        var appends = receiver.Spans.Where(span => span.Name == "divolte.journal.append").ToList();
        Assert.True(SumOf(receiver, "divolte.journal.append", "divolte.appends") >= 10);
        Assert.All(appends, span => Assert.Equal("", span.Parent));
        Assert.All(appends, span => Assert.True(span.Nanoseconds > 0));
        Assert.DoesNotContain(receiver.Spans, span => span.IsError && span.Name.StartsWith("divolte.", StringComparison.Ordinal));
        await receiver.WaitAsync(
            "the calls that the batches are part of",
            () => receiver.Spans.Where(span => span.Name == "divolte.intake")
                .All(intake => receiver.Spans.Any(call => call.Trace == intake.Trace && call.Name.EndsWith("/SubmitAsync", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Grid_TracesABatchFromFrontendToSilo()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        var environment = Sending(
            receiver.Address,
            ("DIVOLTE_STORE", "redis"), ("DIVOLTE_REDIS", redis.Connection), ("DIVOLTE_ADDRESS", "127.0.0.1"), ("DIVOLTE_SILO_PORT", "0"), ("DIVOLTE_GATEWAY_PORT", "0"));
        var settings = SingleSilo.Settings(folder) with { Environment = environment };
        await using var silo = await SiloProcess.StartAsync(settings with { IsServingHttp = false }, TestContext.Current.CancellationToken);
        await using var frontend = await SiloProcess.StartAsync(
            settings with { Program = RepositoryPaths.FrontendProgram, Port = FreePort.Next(), AdminPort = FreePort.Next() }, TestContext.Current.CancellationToken);

        await SendAsync(frontend.Port);
        await receiver.WaitAsync("spans of both", () => receiver.Spans.Any(span => span is { Service: "divolte-silo", Name: "divolte.intake" }) && FrontendCalls().Any());
        await receiver.WaitAsync("metrics of both", () => new[] { "divolte-frontend", "divolte-silo" }.All(service => receiver.Metrics.Any(metric => metric.Service == service)));
        Assert.Contains(receiver.Metrics, metric => metric is { Service: "divolte-frontend", Name: "divolte.events.received" });
        Assert.Contains(receiver.Spans, span => span is { Service: "divolte-silo", Name: "divolte.journal.append" });
        await receiver.WaitAsync(
            "a batch of the silo in the trace of the frontend's call",
            () => FrontendCalls().Any(call => receiver.Spans.Any(span => span is { Service: "divolte-silo", Name: "divolte.intake" } && span.Trace == call.Trace)));

        IEnumerable<ReceivedSpan> FrontendCalls() =>
            receiver.Spans.Where(span => span.Service == "divolte-frontend" && span.Name.EndsWith("/SubmitAsync", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("away")]
    [InlineData("hangs")]
    public async Task CollectorThatTakesNothing_DisturbsNothing(string collector)
    {
        using var folder = new TemporaryFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(); // connections are made by the system; nobody ever reads of them
        var address = $"http://127.0.0.1:{(collector == "hangs" ? ((IPEndPoint)listener.LocalEndpoint).Port : FreePort.Next())}";
        await using var silo = await SingleSilo.StartAsync(folder, SingleSilo.Settings(folder) with { Environment = Sending(address) });

        var longest = TimeSpan.Zero;
        for (var number = 0; number < 200; number++)
        {
            var sending = Stopwatch.StartNew();
            await silo.SendPageViewAsync(number);
            longest = sending.Elapsed > longest ? sending.Elapsed : longest;
        }
        Assert.Equal(200, (await silo.WaitForRecordsAsync(200)).Count);
        Assert.True(longest < TimeSpan.FromSeconds(2), $"An answer took {longest}."); // the export's own time-out is ten seconds
        using var metrics = await silo.GetAsync(silo.Admin("/metrics"));
        Assert.Equal(HttpStatusCode.OK, metrics.StatusCode);
        if (collector == "hangs")
            Assert.True(listener.Pending(), "The collector that hangs was never asked.");

        var stopping = Stopwatch.StartNew();
        Assert.Equal(143, await silo.Process.StopAsync(TimeSpan.FromSeconds(30)));
        Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(9), $"The stop took {stopping.Elapsed}."); // ten and more if it waited for the export
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    public async Task VariableThatCannotBeMeant_IsNamedAtStart(string name, string value)
    {
        using var folder = new TemporaryFolder();
        var environment = Sending("http://127.0.0.1:4318", (name, value));
        foreach (var settings in new[] { SingleSilo.Settings(folder), SingleSilo.Settings(folder) with { Program = RepositoryPaths.FrontendProgram } })
        {
            var store = settings.Program == RepositoryPaths.FrontendProgram ? "redis" : "local";
            await using var process = SiloProcess.Launch(settings with { Environment = With(environment, ("DIVOLTE_STORE", store), ("DIVOLTE_REDIS", "127.0.0.1:1")) });

            Assert.Equal(1, await process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
            await process.WaitForOutputAsync($"{name} = {value}: ", TimeSpan.FromSeconds(5));
        }
    }

    /// <summary>Sends to a frontend until an event is acknowledged: its silo may not be known yet.</summary>
    private static async Task SendAsync(int port)
    {
        using var connection = new BeaconConnection(port, TimeSpan.FromSeconds(10));
        for (var attempt = 0; await connection.SendAsync(SingleSilo.PageView(1), TestContext.Current.CancellationToken) != 200; attempt++)
        {
            Assert.True(attempt < 300, "The event was not acknowledged within half a minute.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static long SumOf(OtlpReceiver receiver, string span, string tag) => receiver.Spans.Where(one => one.Name == span).Sum(one => one.Tags[tag]);

    /// <summary>What a process is told that sends often.</summary>
    private static Dictionary<string, string> Sending(string endpoint, params (string Name, string Value)[] more) => With(
        new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        },
        more);

    private static Dictionary<string, string> With(Dictionary<string, string> environment, params (string Name, string Value)[] more)
    {
        var all = new Dictionary<string, string>(environment);
        foreach (var (name, value) in more)
            all[name] = value;
        return all;
    }
}
