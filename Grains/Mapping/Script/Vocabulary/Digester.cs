using Divolte.Grains.Mapping.Digests;
using Divolte.Grains.Mapping.Producers;

namespace Divolte.Grains.Mapping.Script.Vocabulary;

/// <summary><c>digest('…')</c>: takes pieces until <c>result()</c>. It is one object: pieces added later count for earlier results too.</summary>
internal sealed class Digester : VocabularyObject
{
    /// <summary>What deriving a key takes of a script's allowance, so that no script derives without end.</summary>
    private const int SeedSize = 300_000;

    private readonly MappingVocabulary _vocabulary;
    private readonly DigestAlgorithm _algorithm;
    private readonly List<DigestPiece> _pieces = [];
    private string _identifier;

    private Digester(MappingVocabulary vocabulary, string identifier, DigestAlgorithm algorithm)
    {
        _vocabulary = vocabulary;
        _identifier = identifier;
        _algorithm = algorithm;
    }

    public override string Description => _identifier;

    public override IReadOnlyList<string> Methods { get; } = ["add", "result"];

    /// <summary>Makes a digester.</summary>
    /// <exception cref="ScriptException">There is no such algorithm, or it cannot be seeded.</exception>
    public static Digester Create(MappingVocabulary vocabulary, ScriptEvaluator evaluator, ScriptPosition position, string algorithm, string? seed)
    {
        var identifier = seed is null ? $"digester(\"{algorithm}\")" : $"digester(\"{algorithm}\", \"{seed}\")";
        var found = vocabulary.Context.Producers.Algorithm(algorithm, seed, out var isNew);
        if (isNew && seed is not null)
            evaluator.Charge(position, SeedSize);
        return found is not null
            ? new Digester(vocabulary, identifier, found)
            : throw evaluator.ErrorAt(position, $"Algorithm not supported for digester: {identifier}. Use sha-224, sha-256, sha-384 or sha-512.");
    }

    public override bool TryCall(ScriptEvaluator evaluator, ScriptPosition position, string name, object?[] arguments, out object? result)
    {
        result = null;
        switch (name, arguments)
        {
            case ("add", [string or ComposedText]):
                Add(evaluator, position, null, arguments[0]!.ToString()!);
                break;
            case ("add", [ValueProducer { Type: ProducerType.String or ProducerType.Binary or ProducerType.Json } producer]):
                Add(evaluator, position, producer, "");
                break;
            case ("add", [ValueProducer producer]):
                throw evaluator.ErrorAt(position, $"Cannot digest value of type: {producer.Type}. Only strings, JSON and binary values can be digested.");
            case ("result", []):
                result = _vocabulary.Context.Producers.Digest($"{_identifier}.result()", _algorithm, _pieces);
                return true;
            default:
                return false;
        }
        result = this;
        return true;
    }

    private void Add(ScriptEvaluator evaluator, ScriptPosition position, ValueProducer? source, string literal)
    {
        evaluator.Charge(position, 1);
        _pieces.Add(_vocabulary.Context.Producers.Piece(source, literal, out var isRepeated));
        var piece = source?.Identifier ?? $"\"{literal}\"";
        _identifier = $"{_identifier}.add({piece})";
        evaluator.Charge(position, _identifier.Length);
        if (isRepeated)
            evaluator.Warn(position, $"The digest piece {piece} was added before: per event it counts only the first time, here it adds nothing.");
    }
}
