using CsCheck;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Loading;

public class ConfigurationFuzzTests
{
    private static readonly string Defaults = BuiltInDefaults.Text + """
        divolte {
          sources { web { type = browser, prefix = /t, javascript.name = a.js }, app { type = json, event_path = /app } }
          sinks { k { type = kafka, mode = confluent }, g { type = gcs, bucket = b, retry_settings.jitter_factor = 0.1 }, p { type = gcps } }
          mappings.m { sources = [web, app], sinks = [k, g, p], confluent_id = 17, schema_file = x, mapping_script_file = y }
        }
        """;

    private static readonly string[] Words =
    [
        "divolte", "global", "sources", "sinks", "mappings", "type", "kafka", "browser", "=", "{", "}", "[", "]", ",", "\n", ".", "null", "true", "-1", "0", "1e999", "99999999999999999999",
        "\"\"", "${divolte}", "${?divolte.global}", "+=", "10 fortnights", "port", "é", "\"", "threads", "producer", "[null]", "{ 0 = x }", "include classpath(\"reference.conf\")\n",
    ];

    [Fact]
    public void DamagedConfiguration_LoadsOrIsRefusedWithViolations() =>
        Gen.Select(Gen.Int[0, Defaults.Length - 1], Gen.Int[0, 30], Gen.Int[0, Words.Length - 1]).Array[1, 8].Sample(damages =>
        {
            var text = Defaults;
            foreach (var (at, length, word) in damages)
                text = text[..Math.Min(at, text.Length)] + Words[word] + text[Math.Min(text.Length, at + length)..];

            var result = ConfigurationLoader.LoadText(text);

            Assert.All(result.Violations, violation => Assert.NotEmpty(violation.ToString()));
            if (result.TryGet(out var configuration))
                Assert.True(ConfigurationLoader.LoadText(EffectiveConfiguration.Render(configuration)).IsValid);
        }, iter: 500);

    [Fact]
    public void WordsInAnyOrder_LoadOrAreRefused() =>
        Gen.Int[0, Words.Length - 1].Array[0, 40].Sample(words => { _ = ConfigurationLoader.LoadText(string.Join(' ', words.Select(word => Words[word]))).IsValid; }, iter: 2_000);
}
