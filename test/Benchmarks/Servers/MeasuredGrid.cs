using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.Benchmarks.Servers;

/// <summary>How large a grid is.</summary>
/// <param name="Frontends">Processes that take visitors.</param>
/// <param name="Silos">Processes that hold shards and sinks.</param>
/// <param name="Shards">Into how many shards events are parted.</param>
internal sealed record GridShape(int Frontends, int Silos, int Shards);

/// <summary>Frontends and silos as processes of one host over a Redis of their own, synced before every answer.</summary>
internal sealed class MeasuredGrid : IDisposable
{
    private static readonly TimeSpan WrittenMax = TimeSpan.FromSeconds(60);

    private readonly RedisProcess _redis;
    private readonly List<MeasuredServer> _silos = [];
    private readonly List<MeasuredServer> _frontends = [];
    private readonly HttpClient _http = new();

    private MeasuredGrid(RedisProcess redis) => _redis = redis;

    /// <summary>What a balancer would send to.</summary>
    public int[] Ports => [.. _frontends.Select(frontend => frontend.Port)];

    public double FrontendCpuSeconds => _frontends.Sum(frontend => frontend.CpuSeconds);

    public double SiloCpuSeconds => _silos.Sum(silo => silo.CpuSeconds);

    public double RedisCpuSeconds => ProcessFigures.CpuSeconds(_redis.ProcessId);

    /// <summary>Of frontends and silos together.</summary>
    public double ResidentMebibytes => _frontends.Concat(_silos).Sum(server => ProcessFigures.ResidentMebibytes(server.ProcessId));

    /// <param name="silo">The published <c>Divolte.Silo.dll</c>.</param>
    /// <param name="frontend">The published <c>Divolte.Frontend.dll</c>.</param>
    /// <param name="shape">How large.</param>
    /// <param name="sinks">Sinks and mappings, as text of a configuration file; <c>{directory}</c> stands for a folder of each process.</param>
    public static async Task<MeasuredGrid> StartAsync(string silo, string frontend, GridShape shape, string sinks)
    {
        var grid = new MeasuredGrid(await RedisProcess.StartOrSkipAsync());
        var configuration = $$"""
            divolte {
              global.grid { store = redis, redis = "{{grid._redis.Connection}}", address = "127.0.0.1", silo_port = 0, gateway_port = 0, shards = {{shape.Shards}} }
            {{sinks}}
            }
            """;
        try
        {
            for (var number = 1; number <= shape.Silos; number++)
                grid._silos.Add(MeasuredServer.GridSilo($"silo {number}", silo, configuration));
            for (var number = 1; number <= shape.Frontends; number++)
                grid._frontends.Add(MeasuredServer.Silo($"frontend {number}", frontend, configuration));
            return grid;
        }
        catch
        {
            grid.Dispose();
            throw;
        }
    }

    /// <summary>Waits until every sink has written all that the journal took.</summary>
    /// <returns>How many events the journal has taken since the grid started.</returns>
    /// <exception cref="InvalidOperationException">They have not within a minute.</exception>
    public async Task<long> WaitUntilWrittenAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            // A status may be a second old: one that was collected before this began would know nothing of the last events.
            var isFresh = clock.Elapsed > TimeSpan.FromSeconds(1.5);
            var status = await _http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{_silos[0].Port.ToString(CultureInfo.InvariantCulture)}/status"));
            var ledger = status.GetProperty("sinks").EnumerateArray().SelectMany(sink => sink.GetProperty("ledger").EnumerateArray()).ToList();
            if (isFresh && ledger.Count > 0 && ledger.All(line => line.GetProperty("pending").GetInt64() == 0))
                return ledger.Sum(line => line.GetProperty("accepted").GetInt64());
            if (clock.Elapsed > WrittenMax)
                throw new InvalidOperationException($"The sinks have not written everything within {WrittenMax}.");
            await Task.Delay(500);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        foreach (var server in _frontends.Concat(_silos))
            server.Dispose();
        _redis.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
