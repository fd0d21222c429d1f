namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>Settings that every source has: <c>divolte.sources.NAME</c>.</summary>
public abstract record SourceOptions
{
    /// <summary>The key in <c>divolte.sources</c>.</summary>
    public required string Name { get; init; }

    /// <summary>When a client of this source is answered. Default: what <c>divolte.global.grid.acknowledge</c> says. Not from upstream.</summary>
    public Acknowledgement? Acknowledge { get; init; }
}

/// <summary>A source with <c>type = browser</c>.</summary>
public sealed record BrowserSourceOptions : SourceOptions
{
    /// <summary>Path in front of script and event URL; starts and ends with a slash. Default <c>/</c>. From upstream.</summary>
    public string Prefix { get; init; } = "/";

    /// <summary>Event URL behind the prefix. Default <c>csc-event</c>. From upstream.</summary>
    public string EventSuffix { get; init; } = "csc-event";

    /// <summary>Domain of the tag's cookies. Default: absent, the page's host. From upstream.</summary>
    public string? CookieDomain { get; init; }

    /// <summary>Name of the party cookie. Default <c>_dvp</c>. From upstream.</summary>
    public string PartyCookie { get; init; } = "_dvp";

    /// <summary>Life of the party cookie, sliding. Default 730 days. From upstream.</summary>
    public TimeSpan PartyTimeout { get; init; } = TimeSpan.FromDays(730);

    /// <summary>Name of the session cookie. Default <c>_dvs</c>. From upstream.</summary>
    public string SessionCookie { get; init; } = "_dvs";

    /// <summary>Life of the session cookie, sliding. Default 30 minutes. From upstream.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long answers are held back, for tests of pages. Default 0. From upstream.</summary>
    public TimeSpan HttpResponseDelay { get; init; } = TimeSpan.Zero;

    public JavaScriptOptions JavaScript { get; init; } = new();
}

/// <summary><c>divolte.sources.NAME.javascript</c>: the tag.</summary>
public sealed record JavaScriptOptions
{
    /// <summary>File name of the tag: <c>^[A-Za-z0-9_-]+\.js$</c>. Default <c>divolte.js</c>. From upstream.</summary>
    public string Name { get; init; } = "divolte.js";

    /// <summary>Log to the browser's console. Default false. From upstream.</summary>
    public bool Logging { get; init; }

    /// <summary>Serve readable code. Default false. From upstream.</summary>
    public bool Debug { get; init; }

    /// <summary>Send a page view when a page view starts. Default true. From upstream.</summary>
    public bool AutoPageViewEvent { get; init; } = true;

    /// <summary>How long one delivery may take before the next starts. Default 750 ms. From upstream.</summary>
    public TimeSpan EventTimeout { get; init; } = TimeSpan.FromMilliseconds(750);
}

/// <summary>A source with <c>type = json</c>.</summary>
public sealed record JsonSourceOptions : SourceOptions
{
    /// <summary>Exact path, POST only; starts with a slash. Default <c>/</c>. From upstream.</summary>
    public string EventPath { get; init; } = "/";

    /// <summary>Query parameter that carries the party id. Default <c>p</c>. From upstream.</summary>
    public string PartyIdParameter { get; init; } = "p";

    /// <summary>Largest body in bytes, rounded up to whole blocks of 4096. Default 4096. From upstream.</summary>
    public int MaximumBodySize { get; init; } = 4096;
}
