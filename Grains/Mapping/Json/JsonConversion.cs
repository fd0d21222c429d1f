using System.Runtime.CompilerServices;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Json;

/// <summary>What became of a JSON value on its way to a type.</summary>
internal enum ConversionOutcome : byte
{
    /// <summary>Avro binary was written.</summary>
    Written,

    /// <summary>The value is null: nothing was written.</summary>
    Null,

    /// <summary>The value does not fit the type; the field stays as it was.</summary>
    Mismatch,

    /// <summary>No record can be made of the event at all.</summary>
    Fatal,
}

/// <summary>How lenient a conversion is. Mappings use <see cref="Production"/>.</summary>
internal sealed record ConversionRules
{
    /// <summary>A value that is no array becomes an array of one.</summary>
    public bool WrapsSingleValues { get; init; }

    /// <summary>An array of one becomes its element where a scalar is wanted.</summary>
    public bool UnwrapsSingleElements { get; init; }

    /// <summary>A member that the record does not have is an error instead of ignored.</summary>
    public bool RefusesUnknownMembers { get; init; }

    /// <summary>A text that is no symbol of an enum becomes null instead of an error.</summary>
    public bool TakesUnknownSymbolsAsNull { get; init; }

    public static readonly ConversionRules Production = new() { WrapsSingleValues = true, UnwrapsSingleElements = true };
}

/// <summary>
/// Converts JSON values to the Avro binary of one type, as Divolte does: numbers and texts are coerced, fractions cut, single values wrapped
/// and unwrapped. The union around the whole value is left out: the record's encoder writes it.
/// </summary>
internal sealed partial class JsonConversion
{
    private readonly AvroSchema _schema;
    private readonly ConversionRules _rules;
    private readonly Dictionary<AvroSchema, RecordShape> _shapes = new(ReferenceEqualityComparer.Instance);

    /// <param name="schema">The field's type; a union must be one that <see cref="FindUnsupportedUnion(AvroSchema)"/> accepts.</param>
    /// <param name="rules">How lenient it is.</param>
    public JsonConversion(AvroSchema schema, ConversionRules rules)
    {
        _schema = schema;
        _rules = rules;
        FindUnsupportedUnion(schema, record => _shapes.Add(record, new RecordShape(record)));
    }

    /// <summary>The first union, at whatever depth, that JSON cannot be converted to; null when there is none.</summary>
    public static AvroSchema? FindUnsupportedUnion(AvroSchema schema) => FindUnsupportedUnion(schema, _ => { });

    private static AvroSchema? FindUnsupportedUnion(AvroSchema schema, Action<AvroSchema> visitRecord) =>
        FindUnsupportedUnion(schema, visitRecord, new HashSet<AvroSchema>(ReferenceEqualityComparer.Instance));

    private static AvroSchema? FindUnsupportedUnion(AvroSchema schema, Action<AvroSchema> visitRecord, HashSet<AvroSchema> visited)
    {
        switch (schema.Kind)
        {
            case AvroKind.Record when visited.Add(schema):
                visitRecord(schema);
                return schema.Fields.Select(field => FindUnsupportedUnion(field.Schema, visitRecord, visited)).FirstOrDefault(found => found is not null);
            case AvroKind.Array or AvroKind.Map:
                return FindUnsupportedUnion(schema.Items!, visitRecord, visited);
            case AvroKind.Union:
                return IsSupported(schema)
                    ? schema.Branches.Select(branch => FindUnsupportedUnion(branch, visitRecord, visited)).FirstOrDefault(found => found is not null)
                    : schema;
            default:
                return null;
        }
    }

    private static bool IsSupported(AvroSchema union) =>
        union.Branches.Count == 1 || union.Branches.Count == 2 && union.Branches.Any(branch => branch.Kind == AvroKind.Null);

    /// <summary>Converts a value.</summary>
    /// <param name="node">The value.</param>
    /// <param name="mapped">Its event.</param>
    /// <param name="encoded">The Avro binary, when there is any.</param>
    /// <param name="problem">Of a fatal outcome, what is wrong; of a written one, why the record that holds it cannot be written; else null.</param>
    public ConversionOutcome Convert(int node, in MappedEvent mapped, out TextSlice encoded, out string? problem)
    {
        var buffer = mapped.Scratch.Encoded;
        var start = buffer.Length;
        var run = new Run { Rules = _rules, Shapes = _shapes };
        var outcome = WriteBare(ref run, node, Resolve(_schema), mapped);
        encoded = new TextSlice(buffer.Array, start, buffer.Length - start);
        problem = run.Problem;
        if (outcome != ConversionOutcome.Written)
            buffer.Truncate(start);
        return outcome;
    }

    /// <summary>State of one conversion.</summary>
    private ref struct Run
    {
        public ConversionRules Rules;
        public Dictionary<AvroSchema, RecordShape> Shapes;
        public string? Problem;
    }

    /// <summary>The branch that values are converted to: the one that is not null.</summary>
    private static AvroSchema Resolve(AvroSchema schema) =>
        schema.Kind == AvroKind.Union ? schema.Branches[Math.Max(0, TrivialUnion.IndexOfValueBranch(schema))] : schema;

    /// <summary>Writes a value with the branch of its union; a null only where the type has one.</summary>
    private static ConversionOutcome Write(ref Run run, int node, AvroSchema schema, in MappedEvent mapped)
    {
        var buffer = mapped.Scratch.Encoded;
        var start = buffer.Length;
        if (schema.Kind == AvroKind.Union)
            buffer.WriteLong(Math.Max(0, TrivialUnion.IndexOfValueBranch(schema)));
        var outcome = WriteBare(ref run, node, Resolve(schema), mapped);
        if (outcome != ConversionOutcome.Null)
            return outcome;
        buffer.Truncate(start);
        return ConversionOutcome.Null;
    }

    /// <summary>Writes the null of a type that has one.</summary>
    private static bool TryWriteNull(AvroSchema schema, AvroBuffer buffer)
    {
        if (schema.Kind == AvroKind.Null)
            return true;
        if (schema.Kind != AvroKind.Union)
            return false;
        for (var index = 0; index < schema.Branches.Count; index++)
        {
            if (schema.Branches[index].Kind != AvroKind.Null)
                continue;
            buffer.WriteLong(index);
            return true;
        }
        return false;
    }

    private static ConversionOutcome WriteBare(ref Run run, int node, AvroSchema schema, in MappedEvent mapped) => schema.Kind switch
    {
        // A type that contains itself follows the JSON as deep as it goes.
        AvroKind.Array or AvroKind.Map or AvroKind.Record when !RuntimeHelpers.TryEnsureSufficientExecutionStack() =>
            Fail(ref run, "the JSON is nested too deeply"),
        AvroKind.Array => WriteArray(ref run, node, schema, mapped),
        AvroKind.Map => WriteMap(ref run, node, schema, mapped),
        AvroKind.Record => WriteRecord(ref run, node, schema, mapped),
        AvroKind.Fixed => WriteFixed(ref run, node, schema, mapped),
        AvroKind.Bytes => WriteBytes(ref run, node, mapped),
        AvroKind.Null => KindOf(node, mapped) is JsonKind.Null ? ConversionOutcome.Null : ConversionOutcome.Mismatch,
        _ => WriteScalar(ref run, node, schema, mapped),
    };

    private static JsonKind KindOf(int node, in MappedEvent mapped) => mapped.Scratch.Json[node].Kind;

    private static ConversionOutcome WriteArray(ref Run run, int node, AvroSchema schema, in MappedEvent mapped)
    {
        var tree = mapped.Scratch.Json;
        var buffer = mapped.Scratch.Encoded;
        var isArray = tree[node].Kind == JsonKind.Array;
        if (!isArray && !run.Rules.WrapsSingleValues)
            return ConversionOutcome.Mismatch;
        var count = isArray ? tree[node].Count : 1;
        if (count > 0)
            buffer.WriteLong(count);
        var outcome = ConversionOutcome.Written;
        if (!isArray)
            outcome = WriteItem(ref run, node, schema.Items!, mapped);
        else
        {
            for (var item = tree[node].First; item >= 0 && outcome == ConversionOutcome.Written; item = tree[item].Next)
                outcome = WriteItem(ref run, item, schema.Items!, mapped);
        }
        buffer.WriteLong(0);
        return outcome;
    }

    private static ConversionOutcome WriteItem(ref Run run, int node, AvroSchema schema, in MappedEvent mapped)
    {
        var outcome = Write(ref run, node, schema, mapped);
        if (outcome != ConversionOutcome.Null)
            return outcome;
        if (!TryWriteNull(schema, mapped.Scratch.Encoded))
            run.Problem ??= $"a null among items of the type {schema}";
        return ConversionOutcome.Written;
    }

    private static ConversionOutcome WriteMap(ref Run run, int node, AvroSchema schema, in MappedEvent mapped)
    {
        var tree = mapped.Scratch.Json;
        var buffer = mapped.Scratch.Encoded;
        if (tree[node].Kind != JsonKind.Object)
            return ConversionOutcome.Mismatch;
        if (tree[node].Count > 0)
            buffer.WriteLong(tree[node].Count);
        for (var member = tree[node].First; member >= 0; member = tree[member].Next)
        {
            buffer.WriteBytes(mapped.Read(tree[member].Name));
            var outcome = WriteItem(ref run, member, schema.Items!, mapped);
            if (outcome != ConversionOutcome.Written)
                return outcome;
        }
        buffer.WriteLong(0);
        return ConversionOutcome.Written;
    }
}
