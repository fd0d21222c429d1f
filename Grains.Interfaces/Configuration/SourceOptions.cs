using Divolte.Grains.Interfaces.Configuration.Binding;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>Settings that every source has: <c>divolte.sources.NAME</c>.</summary>
public abstract record SourceOptions
{
    /// <summary>The key in <c>divolte.sources</c>.</summary>
    public required string Name { get; init; }

    /// <summary>When a client of this source is answered. Default: what <c>divolte.global.grid.acknowledge</c> says. Not from upstream.</summary>
    [Setting("acknowledge", From = SettingOrigin.Ours, DefaultText = "`divolte.global.grid.acknowledge`", Example = "received")]
    public Acknowledgement? Acknowledge { get; init; }
}

/// <summary>A source with <c>type = browser</c>: the tag and the events that it sends.</summary>
public sealed record BrowserSourceOptions : SourceOptions
{
    /// <summary>Path in front of script and event URL; starts and ends with a slash. Default <c>/</c>. From upstream.</summary>
    [Setting("prefix", Example = "/t/")]
    public string Prefix { get; init; } = "/";

    /// <summary>Event URL behind the prefix. Default <c>csc-event</c>. From upstream.</summary>
    [Setting("event_suffix", Example = "event")]
    public string EventSuffix { get; init; } = "csc-event";

    /// <summary>Domain of the tag's cookies. Default: absent, the page's host. From upstream.</summary>
    [Setting("cookie_domain", Example = ".example.com")]
    public string? CookieDomain { get; init; }

    /// <summary>Name of the party cookie. Default <c>_dvp</c>. From upstream.</summary>
    [Setting("party_cookie", Example = "_party")]
    public string PartyCookie { get; init; } = "_dvp";

    /// <summary>Life of the party cookie, sliding. Default 730 days. From upstream.</summary>
    [Setting("party_timeout", Example = "90 days")]
    public TimeSpan PartyTimeout { get; init; } = TimeSpan.FromDays(730);

    /// <summary>Name of the session cookie. Default <c>_dvs</c>. From upstream.</summary>
    [Setting("session_cookie", Example = "_session")]
    public string SessionCookie { get; init; } = "_dvs";

    /// <summary>Life of the session cookie, sliding. Default 30 minutes. From upstream.</summary>
    [Setting("session_timeout", Example = "1 hour")]
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// The attribute <c>SameSite</c> of the tag's cookies; <c>none</c> needs <c>cookie_secure</c>. Default: absent, what the browser takes then. Not from upstream.
    /// </summary>
    [Setting("cookie_same_site", From = SettingOrigin.Ours, Example = "lax")]
    public CookieSameSite? CookieSameSite { get; init; }

    /// <summary>The attribute <c>Secure</c> of the tag's cookies: pages without TLS then have none. Default false. Not from upstream.</summary>
    [Setting("cookie_secure", From = SettingOrigin.Ours, Example = "true")]
    public bool IsCookieSecure { get; init; }

    /// <summary>
    /// Let answers to events renew the party cookie, which the tag then writes only when it is not there: some browsers forget what scripts write after seven
    /// days. Only for pages of the collector's own site: of its host, or with <c>cookie_domain</c> of that domain. Default false. Not from upstream.
    /// </summary>
    [Setting("server_party_cookie", From = SettingOrigin.Ours, Example = "true")]
    public bool HasServerPartyCookie { get; init; }

    /// <summary>How long answers are held back, for tests of pages. Default 0. From upstream.</summary>
    [Setting("http_response_delay", Example = "2 seconds")]
    public TimeSpan HttpResponseDelay { get; init; } = TimeSpan.Zero;

    [Setting("javascript")]
    public JavaScriptOptions JavaScript { get; init; } = new();
}

/// <summary><c>divolte.sources.NAME.javascript</c>: the tag.</summary>
public sealed record JavaScriptOptions
{
    /// <summary>File name of the tag: <c>^[A-Za-z0-9_-]+\.js$</c>. Default <c>divolte.js</c>. From upstream.</summary>
    [Setting("name", Example = "tag.js")]
    public string Name { get; init; } = "divolte.js";

    /// <summary>Log to the browser's console. Default false. From upstream.</summary>
    [Setting("logging", Example = "true")]
    public bool Logging { get; init; }

    /// <summary>Serve readable code. Default false. From upstream.</summary>
    [Setting("debug", Example = "true")]
    public bool Debug { get; init; }

    /// <summary>Send an event of type <c>pageView</c> when a page is opened. Default true. From upstream.</summary>
    [Setting("auto_page_view_event", Example = "false")]
    public bool AutoPageViewEvent { get; init; } = true;

    /// <summary>How long one delivery may take before the next starts. Default 750 ms. From upstream.</summary>
    [Setting("event_timeout", Example = "1 second")]
    public TimeSpan EventTimeout { get; init; } = TimeSpan.FromMilliseconds(750);

    /// <summary>Serve the tag as brotli to browsers that accept it, which is a tenth smaller than gzip. Default false. Not from upstream.</summary>
    [Setting("brotli", From = SettingOrigin.Ours, Example = "true")]
    public bool HasBrotli { get; init; }

    /// <summary>
    /// Start a page view whenever a single-page application changes path or query through the History API; changes of the fragment alone do not count.
    /// Default false. Not from upstream.
    /// </summary>
    [Setting("single_page_views", From = SettingOrigin.Ours, Example = "true")]
    public bool HasSinglePageViews { get; init; }

    /// <summary>
    /// Send nothing and write no cookie in a browser that says Global Privacy Control or Do Not Track; <c>signal</c> gives null there. Default false. Not from upstream.
    /// </summary>
    [Setting("privacy_signals", From = SettingOrigin.Ours, Example = "true")]
    public bool HonoursPrivacySignals { get; init; }

    /// <summary>Neither read nor write cookies: each load of the tag is a new party and a new session. Default false. Not from upstream.</summary>
    [Setting("cookieless", From = SettingOrigin.Ours, Example = "true")]
    public bool IsCookieless { get; init; }

    /// <summary>
    /// How often the tag asks again for an event that failed: after 1, 2, 4, … seconds, and at once when the page goes away. Events behind it do not wait.
    /// Default 0. Not from upstream.
    /// </summary>
    [Setting("retries", From = SettingOrigin.Ours, Minimum = 0, Maximum = 6, Example = "3")]
    public int Retries { get; init; }

    /// <summary>
    /// How many events that failed, or were signalled without a network, the tag keeps in the page's local storage; they are sent after one that came through, within
    /// a day, those that the server may have seen within <c>divolte.global.grid.duplicate_window</c>. Default 0. Not from upstream.
    /// </summary>
    [Setting("offline_events", From = SettingOrigin.Ours, Minimum = 0, Maximum = 1000, Example = "50")]
    public int OfflineEvents { get; init; }

    /// <summary>Read and write no cookie and send nothing until the page calls <c>divolte.consent(true)</c>. Default false. Not from upstream.</summary>
    [Setting("consent", From = SettingOrigin.Ours, Example = "true")]
    public bool NeedsConsent { get; init; }

    /// <summary>
    /// Send with each event what a browser says of its version, system and device only when asked; user-agent fields take it into account. Default false.
    /// Not from upstream.
    /// </summary>
    [Setting("client_hints", From = SettingOrigin.Ours, Example = "true")]
    public bool HasClientHints { get; init; }
}

/// <summary>Which requests from other sites carry a cookie.</summary>
public enum CookieSameSite
{
    Lax,
    Strict,
    None,
}

/// <summary>A source with <c>type = json</c>: events of apps and servers.</summary>
public sealed record JsonSourceOptions : SourceOptions
{
    /// <summary>Exact path, POST only; starts with a slash. Default <c>/</c>. From upstream.</summary>
    [Setting("event_path", Example = "/app")]
    public string EventPath { get; init; } = "/";

    /// <summary>Query parameter that carries the party id. Default <c>p</c>. From upstream.</summary>
    [Setting("party_id_parameter", Example = "party")]
    public string PartyIdParameter { get; init; } = "p";

    /// <summary>Largest body, rounded up to whole blocks of 4096. Default 4096. From upstream.</summary>
    [Setting("maximum_body_size", Unit = SettingUnit.Bytes, Example = "64 KiB")]
    public int MaximumBodySize { get; init; } = 4096;

    /// <summary>
    /// Answer 400, with the reason as text, to a body that holds no event; otherwise it is answered with 204 like a good one, and only counted.
    /// Default false. Not from upstream.
    /// </summary>
    [Setting("strict", From = SettingOrigin.Ours, Example = "true")]
    public bool IsStrict { get; init; }
}
