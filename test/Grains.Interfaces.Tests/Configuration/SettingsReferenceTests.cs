using System.Reflection;
using System.Text.RegularExpressions;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Binding;
using Divolte.Grains.Interfaces.Configuration.Hocon;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration;

/// <summary><c>docs/configuration.md</c> says what the code does. Set <c>DIVOLTE_WRITE_DOCS=1</c> to write its generated part.</summary>
public class SettingsReferenceTests
{
    private const string Begin = "<!-- settings: generated from the code by SettingsReferenceTests -->\n";
    private const string End = "<!-- end of settings -->\n";

    [Fact]
    public void GeneratedPart_IsUpToDate()
    {
        var file = Path.Combine(Root(), "docs", "configuration.md");
        var text = File.ReadAllText(file);
        var (start, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var expected = $"{text[..start]}\n{SettingsReference.Render()}{text[end..]}";
        if (Environment.GetEnvironmentVariable("DIVOLTE_WRITE_DOCS") == "1")
            File.WriteAllText(file, text = expected);

        Assert.Equal(expected, text);
    }

    [Fact]
    public void EverySetting_IsDocumentedWithAnExample()
    {
        var all = typeof(DivolteConfiguration).Assembly.GetTypes().SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(property => property.GetCustomAttribute<SettingAttribute>() is not null)
            .Select(property => new Setting(property, property.GetCustomAttribute<SettingAttribute>()!))
            .Where(setting => !setting.IsSection)
            .Select(setting => $"{setting.Property.DeclaringType!.Name}.{setting.Property.Name}");

        Assert.Empty(all.Except(SettingsReference.Documented().Select(pair => $"{pair.Setting.Property.DeclaringType!.Name}.{pair.Setting.Property.Name}")));
        Assert.All(SettingsReference.Documented(), pair => Assert.False(string.IsNullOrEmpty(pair.Setting.Attribute.Example), pair.Setting.Property.Name));
    }

    [Fact]
    public void CommentedDefault_IsTheRealOne() => Assert.All(SettingsReference.Documented(), pair =>
    {
        var setting = pair.Setting;
        if (setting.Attribute.IsRequired || setting.Attribute.DefaultText is not null || setting.IsProperties)
            return;
        var commented = SettingsReference.CommentedDefault(setting).Replace(",", "", StringComparison.Ordinal).Replace("`", "", StringComparison.Ordinal);
        var record = setting.Property.DeclaringType!;
        var value = setting.Property.GetValue(Activator.CreateInstance(record.IsAbstract ? Inheriting(record) : record));
        var expected = value switch
        {
            null => "(absent|none).*",
            TimeSpan duration when duration == TimeSpan.Zero => "0",
            TimeSpan duration => $"({HoconDuration.Format(duration)}|{duration.TotalMilliseconds} ms)",
            bool truth => truth ? "true" : "false",
            Enum name => SettingSchema.NameOf(name),
            long size => $"({HoconSize.Format(size)}|{size})",
            _ => Regex.Escape(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!),
        };
        Assert.Matches($"^{expected}([ ;.].*)?$", commented);
    });

    [Fact]
    public void CommentedProducer_IsTheRealOne()
    {
        var producer = SettingsReference.Documented().Single(pair => pair.Setting.Name == "producer").Setting;
        var commented = ConfigurationLoader.LoadText($"divolte.global.kafka.producer = {{ {SettingsReference.CommentedDefault(producer).Replace("`", "", StringComparison.Ordinal)} }}");

        Assert.Equal(new KafkaOptions().Producer, commented.Configuration.Global.Kafka.Producer);
        Assert.Equal(new KafkaOptions().Producer.Count, SettingsReference.CommentedDefault(producer).Split(", ").Length);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_IsAccepted(string section, string key, string example)
    {
        var (path, type) = Regex.Match(section, "^(?<path>[^,]*)(.*type = (?<type>[a-z]+))?") is var match ? (match.Groups["path"].Value, match.Groups["type"].Value) : default;
        var entry = Regex.Match(path, "^divolte\\.(sources|sinks|mappings)\\.NAME");
        var others = (entry.Groups[1].Value, type) switch
        {
            ("sources", "") => "type = browser",
            ("sinks", "") => "type = kafka",
            ("sinks", "gcs") => "type = gcs, bucket = b",
            ("mappings", _) => "sources = [browser], sinks = [hdfs], mapping_script_file = m",
            (_, "") => "",
            _ => $"type = {type}",
        };

        var result = ConfigurationLoader.LoadText($"{(entry.Success ? $"{entry.Value} {{ {others} }}\n" : "")}{path}.{key} = {example}\ndivolte.global.grid.redis = x");

        Assert.DoesNotContain(result.Violations, violation => violation.Path.EndsWith(key, StringComparison.Ordinal) || violation.Kind != ConfigurationViolationKind.Rule);
    }

    public static TheoryData<string, string, string> Examples()
    {
        var examples = new TheoryData<string, string, string>();
        foreach (var (path, setting) in SettingsReference.Documented())
            examples.Add(path, setting.Name, setting.Attribute.Example!);
        return examples;
    }

    private static Type Inheriting(Type record) => record.Assembly.GetTypes().First(type => type.IsSubclassOf(record) && !type.IsAbstract);

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Divolte.Orleans.sln")))
            directory = directory.Parent;
        return directory.FullName;
    }
}
