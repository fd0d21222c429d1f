using System.Diagnostics;
using System.Globalization;
using System.Text;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Wire;

namespace Divolte.Integration.Tests.Single;

/// <summary>Clients that are slow, large, gone or many: each gets the right answer, and nobody else notices.</summary>
/// <param name="fixture">One process for all tests: what one leaves behind must not hurt the next. Each has a visitor of its own.</param>
public sealed class SlowClientTests(SlowClientTests.Fixture fixture) : IClassFixture<SlowClientTests.Fixture>
{
    private const string Head = "HTTP/1.1\r\nHost: localhost\r\n";

    private readonly SingleSilo _silo = fixture.Silo;
    private readonly string _party = $"0:i1t84hgy:{Guid.NewGuid():n}";

    private string JsonTarget => $"/app?p={_party}";

    [Fact]
    public async Task HeadThatComesInPieces_IsTaken()
    {
        await using var connection = await OpenAsync();
        foreach (var piece in $"GET {SingleSilo.PageView(1, _party).Target} {Head}User-Agent: slow\r\n\r\n".Chunk(25))
        {
            await connection.SendAsync(new string(piece));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(200, (await connection.ReceiveAsync())!.Status);
        Assert.Equal(1, Assert.Single(await _silo.WaitForRecordsAsync(1, _party)).Number);
    }

    [Fact]
    public async Task BodyThatComesInPieces_IsTaken()
    {
        var body = Body("pieces");
        await using var connection = await OpenAsync();
        await connection.SendAsync($"POST {JsonTarget} {Head}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        foreach (var piece in body.Chunk(10))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            await connection.SendAsync(new string(piece));
        }

        Assert.Equal(204, (await connection.ReceiveAsync())!.Status);
        Assert.Single(await _silo.WaitForRecordsAsync(1, _party));
    }

    [Fact]
    public async Task BodyThatHardlyComes_Is408AndItsConnectionEnds()
    {
        await using var connection = await OpenAsync();
        await connection.SendAsync($"POST {JsonTarget} {Head}Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n" + "{");
        await _silo.SendPageViewAsync(1, _party); // meanwhile

        Assert.Equal(408, (await connection.ReceiveAsync())!.Status);
        Assert.True(await connection.IsClosedAsync());
        Assert.Equal(1, Assert.Single(await _silo.WaitForRecordsAsync(1, _party)).Number);
    }

    [Fact]
    [Trait("Duration", "Long")]
    public async Task HeadThatNeverEnds_IsEndedByTheServer()
    {
        await using var connection = await OpenAsync();
        await connection.SendAsync($"GET /ping {Head}X-More: ");
        var clock = Stopwatch.StartNew();

        var answer = await connection.ReceiveAsync();

        Assert.True(answer is null or { Status: 408 }, $"answered {answer?.Status}");
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(45));
    }

    [Fact]
    public async Task CutConnections_LeaveNothingBehind()
    {
        string[] beginnings =
        [
            "", "G", "GET /csc-ev", $"GET {SingleSilo.PageView(1, _party).Target} HTTP/1.1\r\nHost: lo",
            $"POST {JsonTarget} {Head}Content-Type: application/json\r\nContent-Length: 400\r\n\r\n" + "{\"session_id\"",
            $"POST {JsonTarget} {Head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + "{\"session_id\"",
            "\u0016\u0003\u0001\u0002\0\u0001\0\u0001", // a client that speaks TLS to a plain port
        ];
        for (var number = 0; number < 210; number++)
        {
            await using var connection = await OpenAsync();
            await connection.SendAsync(beginnings[number % beginnings.Length]);
        }
        await _silo.SendPageViewAsync(2, _party);

        Assert.Equal(2, Assert.Single(await _silo.WaitForRecordsAsync(1, _party)).Number);
        Assert.DoesNotContain("   at ", _silo.Process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60, 200)]
    [InlineData(1000, 200)]
    [InlineData(1100, 431)]
    public async Task LargeHead_IsTakenUpToAMebibyte(int kibibytes, int status)
    {
        await using var connection = await OpenAsync();
        await connection.SendAsync($"GET {SingleSilo.PageView(1, _party).Target} {Head}Cookie: a={new string('x', 1024 * kibibytes)}\r\n\r\n");

        Assert.Equal(status, (await connection.ReceiveAsync())!.Status);
        await _silo.SendPageViewAsync(2, _party);
    }

    [Fact]
    public async Task RequestsInOnePiece_AreAnsweredInTheirOrder()
    {
        await using var connection = await OpenAsync();
        var requests = new StringBuilder();
        for (var number = 0; number < 50; number++)
        {
            requests.Append(CultureInfo.InvariantCulture, $"GET {SingleSilo.PageView(number, _party).Target} {Head}\r\n");
            var body = Body($"pipelined-{number}");
            requests.Append(CultureInfo.InvariantCulture, $"POST {JsonTarget} {Head}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            requests.Append(CultureInfo.InvariantCulture, $"GET /nothing {Head}\r\n");
        }
        await connection.SendAsync(requests.ToString());

        for (var number = 0; number < 50; number++)
        {
            Assert.Equal(200, (await connection.ReceiveAsync())!.Status);
            Assert.Equal(204, (await connection.ReceiveAsync())!.Status);
            Assert.Equal(404, (await connection.ReceiveAsync())!.Status);
        }
        Assert.Equal(100, (await _silo.WaitForRecordsAsync(100, _party)).Count);
    }

    [Fact]
    public async Task ManyIdleAndHalfSentConnections_CostLittleAndDelayNobody()
    {
        const int Count = 600;
        await _silo.SendPageViewAsync(0, _party);
        var before = ResidentKilobytes();
        var connections = new List<RawConnection>();
        try
        {
            for (var number = 1; number <= Count; number++)
            {
                var connection = await OpenAsync();
                connections.Add(connection);
                if (number % 3 == 0)
                {
                    await connection.SendAsync($"GET /csc-event {Head}X-Half: {new string('x', 2000)}");
                    continue;
                }
                await connection.SendAsync($"GET {SingleSilo.PageView(number, _party).Target} {Head}\r\n");
                Assert.Equal(200, (await connection.ReceiveAsync())!.Status);
            }
            var clock = Stopwatch.StartNew();
            await _silo.SendPageViewAsync(Count + 1, _party);
            var each = (ResidentKilobytes() - before) / Count;

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"one request among {Count} idle connections took {clock.Elapsed}");
            Assert.True(each < 128, $"a waiting connection costs {each} KiB");
            Assert.Equal(2 + (2 * Count / 3), (await _silo.WaitForRecordsAsync(2 + (2 * Count / 3), _party)).Count);
        }
        finally
        {
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }
    }

    /// <summary>Whoever asks and does not read: the server stops at its bound, and takes up again when the client does.</summary>
    [Fact]
    public async Task ClientThatDoesNotRead_IsHeldAtABound()
    {
        const int Count = 12_000; // 66 MB of script
        await _silo.SendPageViewAsync(0, _party);
        var before = ResidentKilobytes();
        await using var connection = await OpenAsync();
        var sending = connection.SendAsync(string.Concat(Enumerable.Repeat($"GET /divolte.js {Head}\r\n", Count)));
        for (var number = 1; number <= 50; number++)
            await _silo.SendPageViewAsync(number, _party);
        var grown = ResidentKilobytes() - before;

        for (var number = 0; number < Count; number++)
            Assert.Equal(200, (await connection.ReceiveAsync())!.Status);
        await sending;

        Assert.True(grown < 40 * 1024, $"{grown} KiB were kept for a client that does not read");
    }

    private static string Body(string eventId) => $$"""
        {"session_id":"0:i1t84hgy:slow","event_id":"{{eventId}}","is_new_party":false,"is_new_session":false,"client_timestamp_iso":"2026-11-24T12:00:00Z"}
        """;

    private Task<RawConnection> OpenAsync() => RawConnection.OpenAsync(_silo.Process.Port, TimeSpan.FromSeconds(60));

    private long ResidentKilobytes()
    {
        var line = File.ReadLines($"/proc/{_silo.Process.ProcessId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>The process.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal SingleSilo Silo { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Silo = await SingleSilo.StartAsync(_folder, SingleSilo.Settings(_folder, global: "grid.answer_timeout = 20 seconds"));

        public async ValueTask DisposeAsync()
        {
            await Silo.DisposeAsync();
            _folder.Dispose();
        }
    }
}
