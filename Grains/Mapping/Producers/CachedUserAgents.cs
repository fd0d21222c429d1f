using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.UserAgents;
using Divolte.Grains.UserAgents.Hints;

namespace Divolte.Grains.Mapping.Producers;

/// <summary>The user agents of <see cref="UserAgentCatalog{T}"/> in the form that mappings write.</summary>
/// <param name="cacheSize">How many headers are remembered.</param>
/// <param name="seed">Changes with each process.</param>
/// <param name="readsHints">Whether client hints count.</param>
internal sealed class CachedUserAgents(int cacheSize, long seed, bool readsHints = false) : IUserAgents, IRememberedUserAgents
{
    /// <summary>Texts beside versions and names of robots are few; each is there once.</summary>
    private const int SharedTextsMax = 4096;

    private static readonly ConcurrentDictionary<string, byte[]> SharedTexts = new(StringComparer.Ordinal);

    private readonly UserAgentCatalog<UserAgentTexts> _catalog = new(cacheSize, Shape, seed);

    public static CachedUserAgents Create(UserAgentParserOptions options) =>
        new(options.CacheSize, BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))), options.ClientHints);

    public void Prepare() => new Thread(_catalog.Prepare) { IsBackground = true, Name = "user-agent-rules" }.Start();

    public UserAgentTexts? Find(ReadOnlySpan<byte> header) => _catalog.Find(header);

    public UserAgentTexts? Find(ReadOnlySpan<byte> header, FrameHeaders headers)
    {
        if (!readsHints)
            return _catalog.Find(header);
        var key = new HintedHeader(stackalloc byte[HintedHeader.LengthMax], header);
        foreach (var other in headers)
            key.Add(other.Name, other.Value);
        return _catalog.Find(key);
    }

    public int Capacity => cacheSize;

    public void TakeUses(Action<byte[], string, int> use) =>
        _catalog.Cache.TakeUses((header, texts, count) => use(header, Encoding.UTF8.GetString(texts.Family), count));

    public void Remember(ReadOnlySpan<byte> header) => _catalog.Remember(header);

    private static UserAgentTexts Shape(UserAgentDescription agent) => new(
        Bytes(agent.Name), Bytes(agent.Family), Bytes(agent.Vendor), Bytes(agent.Type), Bytes(agent.Version),
        Bytes(agent.DeviceCategory), Bytes(agent.OsFamily), Bytes(agent.OsVersion), Bytes(agent.OsVendor));

    private static byte[] Bytes(string text)
    {
        if (SharedTexts.TryGetValue(text, out var shared))
            return shared;
        var bytes = Encoding.UTF8.GetBytes(text);
        return SharedTexts.Count < SharedTextsMax ? SharedTexts.GetOrAdd(text, bytes) : bytes;
    }
}
