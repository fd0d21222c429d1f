using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Binding;

/// <summary>Which values fit which types of settings, through the settings themselves.</summary>
public class HoconConversionTests
{
    [Theory]
    [InlineData("topic", "topic")]
    [InlineData("\"two words\"", "two words")]
    [InlineData("5", "5")]
    [InlineData("1.50", "1.50")]
    [InlineData("true", "true")]
    [InlineData("''", "''")]
    [InlineData("\"\"", "")]
    public void String_TakesTextsNumbersAndBooleans(string value, string expected) =>
        Assert.Equal(expected, Browser($"party_cookie = {value}").PartyCookie);

    [Theory]
    [InlineData("party_cookie = [x]")]
    [InlineData("party_cookie = {}")]
    [InlineData("javascript.name { x = y }")]
    public void String_RefusesListsAndObjects(string setting) => Refused($"divolte.sources.b {{ type = browser, {setting} }}", "Expected a string");

    [Theory]
    [InlineData("4711", 4711)]
    [InlineData("4711.9", 4711)]
    [InlineData("-3.9", -3)]
    [InlineData("1e3", 1000)]
    [InlineData("5.0", 5)]
    [InlineData("\"4711\"", 4711)]
    [InlineData("\" 4711 \"", 4711)]
    [InlineData("\"-5\"", -5)]
    [InlineData("10M", 10 * 1024 * 1024)]
    [InlineData("64 KiB", 65536)]
    [InlineData("\"2 kB\"", 2000)]
    public void Integer_TakesNumbersAndDecimalTextsAndSizesWhereItCounts(string value, int expected) =>
        Assert.Equal(expected, Json($"maximum_body_size = {value}").MaximumBodySize);

    [Theory]
    [InlineData("true")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("ten")]
    [InlineData("0x10")]
    [InlineData("2147483648")]
    [InlineData("1e12")]
    [InlineData("\"2147483648\"")]
    [InlineData("5G")]
    [InlineData("\"5.5\"")]
    public void Integer_RefusesEverythingElse(string value) =>
        Refused($"divolte.mappings.m {{ sources = [browser], sinks = [hdfs], confluent_id = {value} }}", "Expected a whole number");

    [Fact]
    public void Integer_HasNoSizeUnitWhereItCountsNothing() => Refused("divolte.global.server.port = 8K", "Expected a whole number");

    [Fact]
    public void ShortInteger_HasItsOwnRange() => Refused("divolte.sinks.h { type = hdfs, replication = 32768 }", "from -32768 to 32767");

    [Theory]
    [InlineData("2", 2)]
    [InlineData("1.25", 1.25)]
    [InlineData("\"1e1\"", 10)]
    public void Double_TakesNumbersAndNumericTexts(string value, double expected)
    {
        var configuration = ConfigurationLoader.LoadText($"divolte.sinks.g {{ type = gcs, bucket = b, retry_settings.retry_delay_multiplier = {value} }}, divolte.mappings {{}}").Configuration;

        Assert.Equal(expected, Assert.IsType<GcsSinkOptions>(configuration.Sinks[0]).Retry.DelayMultiplier);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("many")]
    [InlineData("NaN")]
    [InlineData("[2]")]
    public void Double_RefusesEverythingElse(string value) =>
        Refused($"divolte.sinks.g {{ type = gcs, bucket = b, retry_settings.retry_delay_multiplier = {value} }}, divolte.mappings {{}}", "Expected a number");

    [Theory]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData("\"true\"", true)]
    [InlineData("1", true)]
    [InlineData("-0.5", true)]
    [InlineData("false", false)]
    [InlineData("False", false)]
    [InlineData("\"False\"", false)]
    [InlineData("0", false)]
    [InlineData("0.0", false)]
    public void Boolean_TakesTwoSpellingsAndNumbers(string value, bool expected) =>
        Assert.Equal(expected, ConfigurationLoader.LoadText($"divolte.global.server.use_x_forwarded_for = {value}").Configuration.Global.Server.UseXForwardedFor);

    [Theory]
    [InlineData("yes")]
    [InlineData("no")]
    [InlineData("on")]
    [InlineData("off")]
    [InlineData("TRUE")]
    [InlineData("\"1\"")]
    [InlineData("[true]")]
    public void Boolean_RefusesOtherWords(string value) => Refused($"divolte.global.server.use_x_forwarded_for = {value}", "Expected true or false");

    [Theory]
    [InlineData("750 milliseconds", 750)]
    [InlineData("\"750\"", 750)]
    [InlineData("2s", 2000)]
    public void Duration_TakesTexts(string value, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Browser($"javascript.event_timeout = {value}").JavaScript.EventTimeout);

    [Theory]
    [InlineData("750", "Expected a string for a duration")]
    [InlineData("true", "Expected a string for a duration")]
    [InlineData("[1 s]", "Expected a string for a duration")]
    [InlineData("\"\"", "No number in duration value ''")]
    [InlineData("5 weeks", "'weeks'")]
    [InlineData("1 000 ms", "'1 000'")]
    public void Duration_RefusesBareNumbersAndUnknownUnits(string value, string message) =>
        Refused($"divolte.sources.b {{ type = browser, javascript.event_timeout = {value} }}", message);

    [Theory]
    [InlineData("[a, b]", "a,b")]
    [InlineData("[b, a, b]", "b,a")]
    [InlineData("{ 0 = a, 1 = b }", "a,b")]
    [InlineData("[]", "")]
    [InlineData("[1, true]", "1,true")]
    public void Names_AreADistinctListInOrder(string value, string names)
    {
        var configuration = ConfigurationLoader.LoadText($$"""
            divolte { sources { a { type = json }, b { type = json }, 1 { type = json }, true { type = json } }, mappings.m { sources = {{value}}, sinks = [hdfs] } }
            """).Configuration;

        Assert.Equal(names, string.Join(',', configuration.Mappings[0].Sources));
    }

    [Theory]
    [InlineData("browser")]
    [InlineData("{ a = b }")]
    [InlineData("[[a]]")]
    [InlineData("[null]")]
    public void Names_RefuseASingleTextAndOtherThings(string value) => Refused($"divolte.mappings.m {{ sources = {value}, sinks = [hdfs] }}", "Expected");

    [Theory]
    [InlineData("confluent", KafkaMode.Confluent)]
    [InlineData("naked", KafkaMode.Naked)]
    public void Enumeration_TakesItsLowerCaseNames(string value, KafkaMode mode) =>
        Assert.Equal(mode, Assert.IsType<KafkaSinkOptions>(ConfigurationLoader.LoadText($"divolte.sinks.k {{ type = kafka, mode = {value} }}, divolte.mappings {{}}").Configuration.Sinks[0]).Mode);

    [Theory]
    [InlineData("Confluent")]
    [InlineData("other")]
    [InlineData("1")]
    public void Enumeration_ListsItsNamesOtherwise(string value) => Refused($"divolte.sinks.k {{ type = kafka, mode = {value} }}", "naked, confluent");

    [Theory]
    [InlineData("Non_Updating", UserAgentParserType.NonUpdating)]
    [InlineData("CACHING_AND_UPDATING", UserAgentParserType.CachingAndUpdating)]
    [InlineData("online_updating", UserAgentParserType.OnlineUpdating)]
    public void UserAgentParserType_IgnoresCase(string value, UserAgentParserType type) =>
        Assert.Equal(type, ConfigurationLoader.LoadText($"divolte.global.mapper.user_agent_parser.type = {value}").Configuration.Global.Mapper.UserAgentParser.Type);

    [Fact]
    public void EmptyText_IsZeroUnderGlobalAndTheDefaultElsewhere()
    {
        var configuration = ConfigurationLoader.LoadText("""
            divolte {
              global.server { port = "", serve_static_resources = "", host = "" }
              sources.b { type = browser, javascript.auto_page_view_event = "", party_cookie = "", cookie_domain = "" }
              sources.j { type = json, maximum_body_size = "" }
              mappings.m { sources = [b, j], sinks = [hdfs], confluent_id = "", discard_duplicates = "" }
            }
            """).Configuration;

        Assert.Equal(0, configuration.Global.Server.Port);
        Assert.False(configuration.Global.Server.ServeStaticResources);
        Assert.Null(configuration.Global.Server.Host);
        var browser = Assert.IsType<BrowserSourceOptions>(configuration.Sources[0]);
        Assert.True(browser.JavaScript.AutoPageViewEvent);
        Assert.Equal("", browser.PartyCookie);
        Assert.Equal("", browser.CookieDomain);
        Assert.Equal(4096, Assert.IsType<JsonSourceOptions>(configuration.Sources[1]).MaximumBodySize);
        Assert.Null(configuration.Mappings[0].ConfluentId);
        Assert.False(configuration.Mappings[0].DiscardDuplicates);
    }

    [Fact]
    public void EmptyText_LeavesOurOwnSettingsAtTheirDefaults()
    {
        var grid = ConfigurationLoader.LoadText(
            "",
            new Dictionary<string, string> { ["DIVOLTE_STORE"] = "", ["DIVOLTE_REDIS"] = "", ["DIVOLTE_SHARDS"] = "", ["DIVOLTE_DUPLICATE_WINDOW"] = "", ["DIVOLTE_DATA_DIR"] = "" }).Configuration.Global.Grid;

        Assert.Equal(new GridOptions(), grid);
    }

    [Fact]
    public void EnvironmentVariables_FollowTheSameRules()
    {
        const string text = """
            divolte.global.hdfs.enabled = ${?DIVOLTE_HDFS_ENABLED}
            divolte.sources.b { type = browser, session_timeout = 1 day, session_timeout = ${?DIVOLTE_SESSION_TIMEOUT} }
            """;

        var words = ConfigurationLoader.LoadText(text, new Dictionary<string, string> { ["DIVOLTE_PORT"] = "9000", ["DIVOLTE_HDFS_ENABLED"] = "false", ["DIVOLTE_SESSION_TIMEOUT"] = "45 minutes" }).Configuration;
        var number = ConfigurationLoader.LoadText(text, new Dictionary<string, string> { ["DIVOLTE_SESSION_TIMEOUT"] = "750" }).Configuration;

        Assert.Equal(9000, words.Global.Server.Port);
        Assert.False(words.Global.Hdfs.IsEnabled);
        Assert.Equal(TimeSpan.FromMinutes(45), Assert.IsType<BrowserSourceOptions>(words.Sources[0]).SessionTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(750), Assert.IsType<BrowserSourceOptions>(number.Sources[0]).SessionTimeout);
    }

    [Fact]
    public void Null_MeansTheDefault()
    {
        var configuration = ConfigurationLoader.LoadText("""
            divolte { global { server.port = null, gcs.threads = null, kafka = {}, hdfs.client = null, mapper.ip2geo_database = null }, sources = null, sinks = null, mappings = null }
            """).Configuration;

        Assert.Equal(8290, configuration.Global.Server.Port);
        Assert.Equal(1, configuration.Global.Gcs.Threads);
        Assert.Null(configuration.Global.Hdfs.Client);
        Assert.Single(configuration.Sources);
        Assert.Equal(3, configuration.Sinks.Count);
    }

    private static BrowserSourceOptions Browser(string setting) =>
        Assert.IsType<BrowserSourceOptions>(ConfigurationLoader.LoadText($"divolte.sources.b {{ type = browser, {setting} }}").Configuration.Sources[0]);

    private static JsonSourceOptions Json(string setting) =>
        Assert.IsType<JsonSourceOptions>(ConfigurationLoader.LoadText($"divolte.sources.j {{ type = json, {setting} }}").Configuration.Sources[0]);

    private static void Refused(string text, string message)
    {
        var violation = Assert.Single(ConfigurationLoader.LoadText(text).Violations);
        Assert.Equal(ConfigurationViolationKind.Binding, violation.Kind);
        Assert.Contains(message, violation.Message, StringComparison.Ordinal);
        Assert.Equal("String: 1", violation.Origin);
    }
}
