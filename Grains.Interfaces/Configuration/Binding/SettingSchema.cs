using System.Collections.Concurrent;
using System.Reflection;

namespace Divolte.Grains.Interfaces.Configuration.Binding;

/// <summary>One setting of a record.</summary>
internal sealed record Setting(PropertyInfo Property, SettingAttribute Attribute)
{
    public string Name => Attribute.Name;

    /// <summary>Whether the value is a record with settings of its own.</summary>
    public bool IsSection => SettingSchema.Of(ValueType).Count > 0;

    /// <summary>Type of the value, whether or not it may be absent.</summary>
    public Type ValueType => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    public bool IsProperties => Property.PropertyType == typeof(IReadOnlyDictionary<string, string>);
}

/// <summary>The settings of each record, and which record an object's <c>type</c> means.</summary>
internal static class SettingSchema
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<Setting>> Known = [];

    /// <summary>Values of <c>type</c> in <c>divolte.sources.NAME</c>.</summary>
    public static IReadOnlyDictionary<string, Type> SourceTypes { get; } = new Dictionary<string, Type>
    {
        ["browser"] = typeof(BrowserSourceOptions),
        ["json"] = typeof(JsonSourceOptions),
    };

    /// <summary>Values of <c>type</c> in <c>divolte.sinks.NAME</c>.</summary>
    public static IReadOnlyDictionary<string, Type> SinkTypes { get; } = new Dictionary<string, Type>
    {
        ["hdfs"] = typeof(HdfsSinkOptions),
        ["gcs"] = typeof(GcsSinkOptions),
        ["kafka"] = typeof(KafkaSinkOptions),
        ["gcps"] = typeof(PubSubSinkOptions),
    };

    /// <summary>Properties of the Kafka client that the built-in defaults take from the environment.</summary>
    public static IReadOnlyDictionary<string, string> ProducerEnvironment { get; } = new Dictionary<string, string>
    {
        ["bootstrap.servers"] = "DIVOLTE_KAFKA_BROKER_LIST",
        ["client.id"] = "DIVOLTE_KAFKA_CLIENT_ID",
    };

    /// <summary>Settings of a record: its own first, then those of the records it extends, each in the order of the code.</summary>
    public static IReadOnlyList<Setting> Of(Type record) => Known.GetOrAdd(record, static type =>
    {
        var settings = new List<Setting>();
        for (var declaring = type; declaring is not null && declaring.Assembly == typeof(Setting).Assembly; declaring = declaring.BaseType)
        {
            settings.AddRange(declaring.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Select(property => (Property: property, Attribute: property.GetCustomAttribute<SettingAttribute>()))
                .Where(pair => pair.Attribute is not null)
                .Select(pair => new Setting(pair.Property, pair.Attribute!)));
        }

        return settings;
    });

    /// <summary>The value of <c>type</c> that means this record; null when it has none.</summary>
    public static string? TypeName(Type record) =>
        SourceTypes.Concat(SinkTypes).Where(pair => pair.Value == record).Select(pair => pair.Key).FirstOrDefault();

    /// <summary>How an enumeration's value is written: snake_case.</summary>
    public static string NameOf(Enum value) => SnakeCase(value.ToString());

    /// <summary>All values of an enumeration as they are written.</summary>
    public static IEnumerable<string> NamesOf(Type enumeration) => Enum.GetNames(enumeration).Select(SnakeCase);

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((character, index) => (index > 0 && char.IsUpper(character) ? "_" : "") + char.ToLowerInvariant(character)));
}
