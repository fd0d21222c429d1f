using Divolte.Grains.UserAgents.Hints;

namespace Divolte.Grains.UserAgents;

/// <summary>
/// User agents by header: remembered, else parsed. The rules are read when <see cref="Prepare"/> is called or the first header asks for them, so that a process
/// without mappings that use them never does. Safe for several threads; two of them may parse the same new header at once.
/// </summary>
/// <typeparam name="T">The form in which the caller wants them.</typeparam>
/// <param name="cacheSize">How many headers are remembered.</param>
/// <param name="shape">Brings a description into that form, once per header.</param>
/// <param name="seed">See <see cref="UserAgentCache{T}"/>.</param>
internal sealed class UserAgentCatalog<T>(int cacheSize, Func<UserAgentDescription, T> shape, long seed)
    where T : class
{
    private readonly UserAgentCache<T> _cache = new(cacheSize, seed);
    private readonly Lazy<UserAgentParser> _parser = new(UserAgentParser.ReadEmbedded);

    public UserAgentCache<T> Cache => _cache;

    /// <summary>Reads the rules and tries them once, so that the first header need not wait for that.</summary>
    public void Prepare() => _parser.Value.Parse("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36");

    /// <summary>What the header (UTF-8) says.</summary>
    public T Find(ReadOnlySpan<byte> header)
    {
        // What comes later is not looked at, so it need not be told apart.
        var seen = header.Length > UserAgentParser.HeaderLengthMax ? header[..UserAgentParser.HeaderLengthMax] : header;
        return _cache.Find(seen) ?? Parse(seen);
    }

    /// <summary>What the header and the hints beside it say.</summary>
    public T Find(in HintedHeader header) => _cache.Find(header.Bytes) ?? Parse(header.Bytes);

    /// <summary>Remembers a header, with its hints if it has any, as <see cref="UserAgentCache{T}.TakeUses"/> gave it.</summary>
    public void Remember(ReadOnlySpan<byte> header)
    {
        if (header.Length <= HintedHeader.LengthMax && _cache.Find(header) is null)
            Parse(header);
    }

    private T Parse(ReadOnlySpan<byte> header)
    {
        var (text, hints) = HintedHeader.Split(header);
        var agent = _parser.Value.Parse(text);
        var answer = shape(hints is null ? agent : _parser.Value.Refine(agent, hints));
        _cache.Add(header, answer);
        return answer;
    }
}
