using Avro.File;
using Avro.Generic;

namespace Divolte.TestKit.Visitors;

/// <summary>Reads the records of Avro files with the Apache.Avro library.</summary>
public static class DeliveredFiles
{
    /// <summary>All records of the published files of a directory, writer by writer in the order of their files.</summary>
    public static IReadOnlyList<DeliveredEvent> Read(string directory)
    {
        var delivered = new List<DeliveredEvent>();
        foreach (var file in Directory.GetFiles(directory, "*.avro").OrderBy(WriterOf).ThenBy(f => Path.GetFileName(f), StringComparer.Ordinal))
        {
            using var reader = DataFileReader<GenericRecord>.OpenReader(file);
            while (reader.HasNext())
                delivered.Add(EventOf(reader.Next()));
        }
        return delivered;
    }

    /// <summary>The schema of the first file of a directory.</summary>
    public static Avro.Schema SchemaOf(string directory)
    {
        using var reader = DataFileReader<GenericRecord>.OpenReader(Directory.GetFiles(directory, "*.avro")[0]);
        return reader.GetSchema();
    }

    /// <summary>The event of a record of the built-in schema.</summary>
    public static DeliveredEvent EventOf(GenericRecord record) =>
        new(Beacon.NumberOf(record["location"] as string), (string)record["partyId"], (bool)record["detectedDuplicate"]);

    private static string WriterOf(string file) => Path.GetFileNameWithoutExtension(file).Split('-')[^1];
}
