using Divolte.Grains.Interfaces.Configuration.Hocon;
using Divolte.Grains.Interfaces.Configuration.Hocon.Files;
using Divolte.Grains.Interfaces.Configuration.Hocon.Resolving;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Hocon;

/// <summary>Reads HOCON and shows the result as compact JSON, so that a test is one line.</summary>
internal static class HoconReading
{
    public static HoconObject Resolve(string text, IReadOnlyDictionary<string, string>? environment = null, IHoconFiles? files = null)
    {
        var includes = new HoconIncludes(files ?? new MemoryFiles(), "built = in", resourceDirectory: "/resources");
        var root = HoconParser.Parse(text, HoconSource.Memory("/srv"), includes);
        return HoconResolver.Resolve(root, name => environment?.GetValueOrDefault(name));
    }

    /// <summary>The whole configuration as JSON; numbers as they are spelled.</summary>
    public static string Json(string text, IReadOnlyDictionary<string, string>? environment = null, IHoconFiles? files = null) =>
        Json(Resolve(text, environment, files));

    public static string Json(HoconValue value) => value switch
    {
        HoconScalar { Kind: HoconScalarKind.Text } text => HoconText.Quote(text.Text),
        HoconScalar scalar => scalar.Text,
        HoconList list => $"[{string.Join(',', list.Items.Select(Json))}]",
        HoconObject fields => $"{{{string.Join(',', fields.Fields.Select(field => $"{HoconText.Quote(field.Key)}:{Json(field.Value)}"))}}}",
        _ => throw new InvalidOperationException(value.GetType().Name),
    };
}

/// <summary>Files in memory, by absolute path.</summary>
internal sealed class MemoryFiles : Dictionary<string, string>, IHoconFiles
{
    public bool Exists(string path) => ContainsKey(Path.GetFullPath(path));

    public string Read(string path) => TryGetValue(Path.GetFullPath(path), out var text) ? text : throw new IOException($"{path} does not exist");
}
