using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;

namespace Divolte.Silo.Live;

/// <summary>A snapshot a second for all who watch; nothing is collected while nobody does. A viewer that reads too slowly misses snapshots, and holds up nobody.</summary>
internal sealed partial class LiveFeed(Func<CancellationToken, Task<LiveSnapshot>> collect, TimeProvider time, ILogger<LiveFeed> logger)
{
    /// <summary>Viewers at a time. Operators, not visitors: more are answered with 503.</summary>
    internal const int ViewersMax = 32;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CollectMax = TimeSpan.FromSeconds(5);

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly Lock _lock = new();
    private readonly List<Channel<byte[]>> _viewers = [];
    private bool _isRunning;

    /// <summary>Ends when nobody watches any more.</summary>
    internal Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Snapshots as JSON from now on; null when there are too many viewers. Whoever joined must <see cref="Leave"/>.</summary>
    public Channel<byte[]>? Join()
    {
        var viewer = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(2) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            if (_viewers.Count >= ViewersMax)
                return null;
            _viewers.Add(viewer);
            if (!_isRunning)
            {
                _isRunning = true;
                Running = RunAsync();
            }
        }
        return viewer;
    }

    public void Leave(Channel<byte[]> viewer)
    {
        lock (_lock)
            _viewers.Remove(viewer);
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            if (await CollectAsync() is { } snapshot)
                Publish(snapshot);
        }
        while (await timer.WaitForNextTickAsync() && IsWatched());
    }

    private async Task<byte[]?> CollectAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(CollectMax, time);
            return JsonSerializer.SerializeToUtf8Bytes(await collect(patience.Token).WaitAsync(patience.Token), Format);
        }
        catch (Exception trouble) // the store or a silo is away: the page says how old its figures are
        {
            LogTrouble(trouble);
            return null;
        }
    }

    private void Publish(byte[] snapshot)
    {
        lock (_lock)
        {
            foreach (var viewer in _viewers)
                viewer.Writer.TryWrite(snapshot);
        }
    }

    private bool IsWatched()
    {
        lock (_lock)
            return _isRunning = _viewers.Count > 0;
    }

    [LoggerMessage(EventIds.LiveTrouble, LogLevel.Debug, "The live page could not be told how everything is")]
    private partial void LogTrouble(Exception trouble);
}
