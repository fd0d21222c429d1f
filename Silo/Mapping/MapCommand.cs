using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping.Explaining;
using Divolte.Silo.Cat;

namespace Divolte.Silo.Mapping;

/// <summary>
/// <c>divolte map --mapping FILE --schema FILE [EVENTS]</c>: maps recorded requests or hand-written events, one a line, and prints the records as JSON
/// lines. Nothing is listened to and nothing written.
/// </summary>
internal sealed class MapCommand : IDisposable
{
    private static readonly JsonWriterOptions LineOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions InputOptions = new() { MaxDepth = 1000 };

    private readonly CompiledMapping _mapping;
    private readonly MappingTrace? _trace;
    private readonly TimeProvider _time;
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly HashSet<ulong> _seen = [];
    private readonly FrameBuffer _frame = new();
    private readonly FrameBuffer _record = new();
    private readonly ArrayBufferWriter<byte> _line = new();

    private MapCommand(CompiledMapping mapping, MappingTrace? trace, TimeProvider time, TextWriter output, TextWriter error)
    {
        _mapping = mapping;
        _trace = trace;
        _time = time;
        _output = output;
        _error = error;
    }

    /// <returns>0 when every line gave a record, else 1.</returns>
    public static int Run(
        MappingArguments arguments, ConfigurationRequest request, TimeProvider time, TextReader input, TextWriter output, TextWriter error)
    {
        var trace = arguments.Explains ? new MappingTrace() : null;
        if (CompiledMapping.TryCompile(arguments, request, trace, error) is not { } mapping)
            return 1;
        try
        {
            using var file = arguments.Events == "-" ? null : new StreamReader(arguments.Events);
            using var command = new MapCommand(mapping, trace, time, output, error);
            return command.MapAll(arguments.Events, file ?? input);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"divolte: {arguments.Events}: {exception.Message}");
            return 1;
        }
        finally
        {
            output.Flush();
        }
    }

    public void Dispose()
    {
        _frame.Dispose();
        _record.Dispose();
    }

    private int MapAll(string name, TextReader events)
    {
        var exitCode = 0;
        var number = 0;
        while (events.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var problem = MapLine(line.Trim(), mistake => _error.WriteLine($"{name}:{number}: {mistake}"));
            if (problem.Length == 0)
                continue;
            _error.WriteLine($"{name}:{number}: {problem}");
            exitCode = 1;
        }
        return exitCode;
    }

    /// <returns>Why there is no record; empty when there is one.</returns>
    private string MapLine(string line, Action<string> onMistake)
    {
        _frame.Truncate();
        _record.Truncate();
        _trace?.Clear();
        if (WriteFrame(line, onMistake) is { Length: > 0 } problem)
            return problem;
        // Within one run, a repetition is flagged as it would be by a server.
        var frame = _frame.Written;
        if (!_seen.Add(EventFrame.IdentityKeyOf(frame)))
            EventFrame.MarkDuplicate(frame);
        var outcome = _mapping.Mapper.Map(EventFrameReader.Parse(_frame.Written), _record);
        if (outcome.Reason != DropReason.None)
        {
            Explain(hasRecord: false);
            return $"no record: {outcome.Explanation}";
        }
        PrintRecord();
        Explain(hasRecord: true);
        return "";
    }

    /// <returns>Why the line is no event; empty when it is one.</returns>
    private string WriteFrame(string line, Action<string> onMistake)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        try
        {
            if (line[0] != '{')
                return Write(new RecordedRequest { Target = line, TimeMilliseconds = now });
            using var document = JsonDocument.Parse(line, InputOptions);
            var root = document.RootElement;
            if (root.TryGetProperty("path", out _))
                return Write(RecordedRequest.Read(root, now));
            HandWrittenEvent.Write(_frame, root, RecordedRequest.ReadHeaders(root), "127.0.0.1", now, onMistake);
            return "";
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return $"no event: {exception.Message}";
        }
    }

    private string Write(RecordedRequest request)
    {
        var reason = request.Write(_frame);
        return reason == DropReason.None ? "" : $"no event: a frontend drops the request ({reason})";
    }

    private void PrintRecord()
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line, LineOptions))
            AvroJson.Write(_mapping.Schema, _record.Written, json);
        _output.WriteLine(Encoding.UTF8.GetString(_line.WrittenSpan));
    }

    /// <summary>Comments behind the record, so that the rest of the output stays JSON lines.</summary>
    private void Explain(bool hasRecord)
    {
        if (_trace is null)
            return;
        if (!hasRecord)
            _output.WriteLine("# no record");
        foreach (var field in _mapping.Schema.Fields)
        {
            var lines = _trace.Explain(field.Name);
            _output.WriteLine($"# {field.Name}: {lines[0]}");
            foreach (var further in lines.Skip(1))
                _output.WriteLine($"#     {further}");
        }
    }
}
