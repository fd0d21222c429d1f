using CsCheck;
using Divolte.Grains.Geo;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;
using Divolte.Grains.Tests.Mapping.Golden;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Script;

/// <summary>Whatever happens to a script's text, it compiles or is refused with an error that names the place.</summary>
public class ScriptMutationTests
{
    private static readonly (string Script, AvroSchema Schema)[] Scripts = Recordings.All.Suites
        .SelectMany(suite => Recordings.All.MappingsOf(suite).Select(mapping => (
            Recordings.All.Text($"suites/{suite}/mappings/{mapping}.groovy"),
            AvroSchemaParser.Parse(Recordings.All.Bytes($"suites/{suite}/{mapping}.avsc"), toleratesDefaults: false, out _))))
        .ToArray();

    private static readonly string[] Pieces =
    [
        "{", "}", "(", ")", "[", "]", "'", "\"", "$", "${", "/", "\\", "\n", ";", ".", ",", "->", "=", "==", " ", "0", "1.5", "null", "it", "def ", "in", "\u0000", "😀", "..", "<", "&", "?", ":", "!", "-", "~", "as ",
    ];

    private static readonly Gen<(int Kind, int Place, int Other, string Text)> Mutation = Gen.Select(
        Gen.Int[0, 4],
        Gen.Int[0, 100_000],
        Gen.Int[0, 100_000],
        Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]));

    [Fact]
    public void MutatedScripts_CompileOrAreRefused() => Gen.Select(Gen.Int[0, Scripts.Length - 1], Mutation.Array[1, 4]).Sample(
        (index, mutations) =>
        {
            var text = mutations.Aggregate(Scripts[index].Script, Mutate);
            try
            {
                ScriptEvaluator.Compile(new ScriptSource("mutated.groovy", text), new MappingContext(Scripts[index].Schema, new Enrichment(NoUserAgents.Instance, NoGeo.Instance)));
            }
            catch (ScriptException)
            {
                // The only way in which it may fail.
            }
        },
        iter: 400);

    private static string Mutate(string text, (int Kind, int Place, int Other, string Text) mutation)
    {
        var place = text.Length == 0 ? 0 : mutation.Place % text.Length;
        var length = text.Length == 0 ? 0 : Math.Min(mutation.Other % 12, text.Length - place);
        return mutation.Kind switch
        {
            0 => text.Insert(place, mutation.Text),
            1 => text.Remove(place, length),
            2 => text.Remove(place, length).Insert(place, mutation.Text),
            3 => text.Insert(place, text.Substring(place, length)),
            _ => text[..place],
        };
    }
}
