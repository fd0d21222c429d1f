using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Connecting;

/// <summary>A script that the server runs as one step; sent once, then called by its hash.</summary>
internal sealed class RedisScript
{
    public static readonly RedisScript Open = new("open");
    public static readonly RedisScript Claim = new("claim");
    public static readonly RedisScript Append = new("append");
    public static readonly RedisScript Own = new("own");
    public static readonly RedisScript Progress = new("progress");

    private readonly string _text;

    private RedisScript(string name)
    {
        var text = Read(name);
        var common = Read("common");
        // A first line with flags must stay the first.
        var body = text.StartsWith("#!", StringComparison.Ordinal) ? text.IndexOf('\n', StringComparison.Ordinal) + 1 : 0;
        _text = string.Concat(text.AsSpan(0, body), common, text.AsSpan(body));
    }

    public Task<RedisResult> RunAsync(IDatabase database, RedisKey prefix, RedisValue[] arguments) =>
        database.ScriptEvaluateAsync(_text, [prefix], arguments, CommandFlags.DemandMaster);

    private static string Read(string name)
    {
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream($"Divolte.Grains.Journal.Redis.Scripts.{name}.lua")
            ?? throw new InvalidOperationException($"The script {name} is not part of the build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
