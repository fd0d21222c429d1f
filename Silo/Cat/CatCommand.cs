using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Divolte.Grains.Schemas;
using Divolte.Grains.Sinks.Files;

namespace Divolte.Silo.Cat;

/// <summary><c>divolte cat FILE ...</c>: prints the records of Avro files as JSON lines, also of files that are still being written.</summary>
internal static class CatCommand
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    private static readonly JsonWriterOptions LineOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Prints file after file. One that cannot be read is named on <paramref name="errors"/>, and the others are still printed. What is not a whole block at
    /// the end of a <c>.partial</c> file is ordinary there, so it is said and no failure.
    /// </summary>
    /// <param name="files">Paths; <see cref="StandardInput"/> for standard input.</param>
    /// <param name="output">Takes a line for each record.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="input">Standard input; null for the process's own.</param>
    /// <returns>0 when all files were whole, else 1.</returns>
    public static int Run(IReadOnlyList<string> files, TextWriter output, TextWriter errors, Stream? input = null)
    {
        var exitCode = 0;
        foreach (var file in files)
        {
            try
            {
                using var stream = Open(file, input);
                if (!Print(file, stream, output, errors))
                    exitCode = 1;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or SchemaException)
            {
                errors.WriteLine($"divolte: {file}: {exception.Message}");
                exitCode = 1;
            }
        }
        output.Flush();
        return exitCode;
    }

    private static Stream Open(string file, Stream? input)
    {
        if (file != StandardInput)
        {
            return Directory.Exists(file)
                ? throw new InvalidDataException("it is a directory")
                // Whoever writes the file goes on meanwhile, and may publish it under another name.
                : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 << 10);
        }
        // The reader looks ahead, which a pipe cannot do, and the input may be larger than memory.
        var copy = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 64 << 10, FileOptions.DeleteOnClose);
        using var source = input ?? Console.OpenStandardInput();
        source.CopyTo(copy);
        copy.Position = 0;
        return copy;
    }

    private static bool Print(string file, Stream stream, TextWriter output, TextWriter errors)
    {
        var reader = AvroFileReader.Open(stream);
        var schema = AvroSchemaParser.Parse(Encoding.UTF8.GetBytes(reader.SchemaJson), toleratesDefaults: true, out _);
        var line = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(line, LineOptions);
        while (reader.TryReadBlock(out var count, out var records))
        {
            var position = 0;
            for (; count > 0; count--)
            {
                position += AvroJson.Write(schema, records.AsSpan(position), json);
                json.Flush();
                output.WriteLine(Encoding.UTF8.GetString(line.WrittenSpan));
                line.ResetWrittenCount();
                json.Reset();
            }
            if (position != records.Length)
                throw new InvalidDataException($"a block holds {records.Length - position} bytes more than its records");
        }
        if (reader.TailProblem.Length == 0)
            return true;
        errors.WriteLine($"divolte: {file}: printed up to byte {reader.GoodLength}; behind it, {reader.TailProblem}");
        return file.EndsWith(FileNames.PartialSuffix, StringComparison.Ordinal);
    }
}
