using Divolte.Silo.Mapping;

namespace Divolte.Silo.Tests.Mapping;

/// <summary>A script and a schema in a directory of their own, gone with the test.</summary>
internal sealed class ScriptFiles : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("divolte-mapping-").FullName;

    public ScriptFiles(string script, string fields)
    {
        Script = Write("mapping.groovy", script);
        Schema = Write("Event.avsc", $$"""{ "type": "record", "name": "Event", "fields": [{{fields}}] }""");
    }

    public string Script { get; }

    public string Schema { get; }

    public MappingArguments Arguments => new() { Mapping = Script, Schema = Schema };

    public string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
