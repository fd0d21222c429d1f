using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Binding;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Tests.Configuration;

/// <summary>Writes the reference of all settings from the code: attributes, comments and the values of new records.</summary>
internal static partial class SettingsReference
{
    private static readonly (string Path, Type Record)[] Sections =
    [
        ("divolte.global.server", typeof(ServerOptions)),
        ("divolte.global.mapper", typeof(MapperOptions)),
        ("divolte.global.mapper.user_agent_parser", typeof(UserAgentParserOptions)),
        ("divolte.global.hdfs, .gcs, .kafka, .gcps", typeof(SinkTypeOptions)),
        ("divolte.global.hdfs", typeof(HdfsOptions)),
        ("divolte.global.kafka", typeof(KafkaOptions)),
        ("divolte.global.gcps", typeof(PubSubOptions)),
        ("divolte.global.grid", typeof(GridOptions)),
        ("divolte.global.grid.redis_server", typeof(RedisOptions)),
        ("divolte.global.grid.spool", typeof(SpoolOptions)),
        ("divolte.global.grid.spill", typeof(SpillOptions)),
        ("divolte.global.admin", typeof(AdminOptions)),
        ("divolte.sources.NAME", typeof(SourceOptions)),
        ("divolte.sources.NAME, type = browser", typeof(BrowserSourceOptions)),
        ("divolte.sources.NAME.javascript", typeof(JavaScriptOptions)),
        ("divolte.sources.NAME, type = json", typeof(JsonSourceOptions)),
        ("divolte.mappings.NAME", typeof(MappingOptions)),
        ("divolte.sinks.NAME", typeof(SinkOptions)),
        ("divolte.sinks.NAME.file_strategy, type = hdfs or gcs", typeof(FileStrategyOptions)),
        ("divolte.sinks.NAME, type = hdfs", typeof(HdfsSinkOptions)),
        ("divolte.sinks.NAME, type = kafka", typeof(KafkaSinkOptions)),
        ("divolte.sinks.NAME, type = gcs", typeof(GcsSinkOptions)),
        ("divolte.sinks.NAME.retry_settings, type = gcs", typeof(GcsRetryOptions)),
        ("divolte.sinks.NAME, type = gcps", typeof(PubSubSinkOptions)),
        ("divolte.sinks.NAME.retry_settings, type = gcps", typeof(PubSubRetryOptions)),
        ("divolte.sinks.NAME.batching_settings, type = gcps", typeof(PubSubBatchingOptions)),
    ];

    private static readonly Dictionary<string, XElement> Comments = XDocument
        .Load(Path.ChangeExtension(typeof(DivolteConfiguration).Assembly.Location, ".xml"))
        .Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary") ?? new XElement("summary"));

    /// <summary>Every setting with a value of its own, with the section it is documented in.</summary>
    public static IEnumerable<(string Path, Setting Setting)> Documented() =>
        from section in Sections
        from setting in Own(section.Record)
        select (section.Path, setting);

    public static string Render()
    {
        var text = new StringBuilder();
        foreach (var (path, record) in Sections)
        {
            var settings = Own(record);
            text.Append(CultureInfo.InvariantCulture, $"### `{path.Replace(", ", "`, `", StringComparison.Ordinal)}`\n\n{Intro(record)}\n\n");
            text.Append("| Key | Value | Default | Example | From | Meaning |\n| --- | --- | --- | --- | --- | --- |\n");
            foreach (var setting in settings)
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{setting.Name}` | {ValueText(setting)} | {DefaultText(setting)} | {Code(setting.Attribute.Example!)} ");
                text.Append(CultureInfo.InvariantCulture, $"| {FromText(setting)} | {Meaning(setting)} |\n");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>What the comment says about the default, without marks; empty when it says nothing.</summary>
    public static string CommentedDefault(Setting setting) => Default().Match(Comment(setting)).Groups["text"].Value;

    /// <summary>Settings that the record itself declares, without sections.</summary>
    private static IEnumerable<Setting> Own(Type record) =>
        SettingSchema.Of(record).Where(setting => setting.Property.DeclaringType == record && !setting.IsSection);

    private static string DefaultText(Setting setting)
    {
        if (setting.Attribute.IsRequired)
            return "required";
        var commented = CommentedDefault(setting);
        return setting.Attribute.DefaultText ?? (commented.Length > 0 ? commented : "absent");
    }

    private static string FromText(Setting setting)
    {
        var text = setting.Attribute.From == SettingOrigin.Upstream ? "upstream" : "ours";
        IEnumerable<string> variables = setting.IsProperties && setting.Property.DeclaringType == typeof(KafkaOptions)
            ? SettingSchema.ProducerEnvironment.Values
            : setting.Attribute.Environment is { } variable ? [variable] : [];
        return string.Join("<br>", variables.Select(Code).Prepend(text));
    }

    private static string ValueText(Setting setting)
    {
        var type = setting.ValueType;
        var text = true switch
        {
            _ when type.IsEnum => string.Join(", ", SettingSchema.NamesOf(type).Select(Code)) + (setting.Attribute.IgnoresCase ? ", in any case" : ""),
            _ when type == typeof(bool) => "`true`, `false`",
            _ when type == typeof(TimeSpan) => "duration",
            _ when type == typeof(double) => "number",
            _ when type == typeof(string) => "string",
            _ when type == typeof(IReadOnlyList<string>) => "list of names",
            _ when setting.IsProperties => "properties",
            _ => setting.Attribute.Unit switch { SettingUnit.Bytes => "size in bytes", SettingUnit.Entries => "count", _ => "integer" },
        };
        return SettingRange.Describe(setting.Attribute, type == typeof(TimeSpan)) is { } range ? $"{text}, {range}" : text;
    }

    private static string Meaning(Setting setting)
    {
        var meaning = Blanks().Replace(Provenance().Replace(Default().Replace(Comment(setting), ""), ""), " ").Trim();
        if (!setting.ValueType.IsEnum)
            return meaning;
        var members = Enum.GetNames(setting.ValueType).Zip(SettingSchema.NamesOf(setting.ValueType))
            .Select(names => (names.Second, Comment: Comments.GetValueOrDefault($"F:{setting.ValueType.FullName}.{names.First}")))
            .Where(member => member.Comment is not null)
            .Select(member => $"`{member.Second}`: {Lower(Markdown(member.Comment!))}");
        return string.Join("<br>", members.Prepend(meaning));
    }

    /// <summary>What the record is, without the path that the heading gives already.</summary>
    private static string Intro(Type record)
    {
        var text = Heading().Replace(Provenance().Replace(Markdown(Comments[$"T:{record.FullName}"]), ""), "").Trim();
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    private static string Comment(Setting setting) => Markdown(Comments[$"P:{setting.Property.DeclaringType!.FullName}.{setting.Property.Name}"]);

    private static string Markdown(XElement summary)
    {
        var text = string.Concat(summary.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "c" } code => Code(code.Value),
            XElement { Name.LocalName: "see" } reference => Code(NameOf(reference.Attribute("cref")!.Value)),
            _ => node.ToString(),
        }));
        return Blanks().Replace(text.Replace("|", "\\|", StringComparison.Ordinal), " ").Trim();
    }

    /// <summary>The key of the property that a reference names.</summary>
    private static string NameOf(string reference)
    {
        var (type, property) = (reference[2..reference.LastIndexOf('.')], reference[(reference.LastIndexOf('.') + 1)..]);
        return typeof(DivolteConfiguration).Assembly.GetType(type)?.GetProperty(property)?.GetCustomAttribute<SettingAttribute>()?.Name ?? property;
    }

    private static string Code(string text) => $"`{text.Replace("|", "\\|", StringComparison.Ordinal)}`";

    private static string Lower(string text) => char.ToLowerInvariant(text[0]) + text[1..];

    [GeneratedRegex(@"Default:? (?<text>.*?)\.(?=\s|$)", RegexOptions.Singleline)]
    private static partial Regex Default();

    [GeneratedRegex(@"(Not from upstream|From upstream|Required|Environment `[A-Z_]+`)\.")]
    private static partial Regex Provenance();

    [GeneratedRegex(@"^`divolte[^`]*`( of a `[a-z]+` sink)?: |: `divolte[^`]*`")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
