using System.Text.Json;
using CsCheck;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Mapping.Mincode;
using Divolte.Grains.Schemas;
using Divolte.Grains.Tests.Mapping.Json;
using Divolte.TestKit.Events;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Mincode;

public class MincodeReaderTests
{
    private static readonly string VectorFile = Path.Combine(AppContext.BaseDirectory, "Mapping", "Golden", "mincode.jsonl");

    [Fact]
    public void RecordedVectors_ReadAsRecorded()
    {
        var differences = new List<string>();
        foreach (var line in File.ReadLines(VectorFile))
        {
            using var document = JsonDocument.Parse(line);
            var vector = document.RootElement;
            var text = vector.GetProperty("mincode").GetString()!;
            var expected = vector.GetProperty("result").GetString() == "value" ? Normalise(vector.GetProperty("json").GetString()!) : "invalid";
            var actual = Read(text, out _) is { } json ? Normalise(json) : "invalid";
            if (actual != expected)
                differences.Add($"{vector.GetProperty("name")}: {expected} was {actual}");
        }

        Assert.Empty(differences);
    }

    /// <summary>Only the escaping of strings may differ.</summary>
    private static string Normalise(string json) =>
        json.Replace("\\u", "\\u", StringComparison.Ordinal) is var text && text.StartsWith('"') && text != "\"\"" ? JsonSerializer.Deserialize<string>(text)! : text;

    [Theory]
    [InlineData("sabc", "Unexpected end-of-input: was expecting end of string value")]
    [InlineData("sabc~", "Unexpected end-of-input in character escape sequence")]
    [InlineData(")", "Unexpected end of object")]
    [InlineData(".", "Unexpected end of array")]
    [InlineData("z", "Unknown record type")]
    [InlineData("d54@@!", "Invalid integer record")]
    [InlineData("j54@@!", "Invalid number record")]
    public void Errors_SayWhatIsWrong(string mincode, string message)
    {
        Assert.Null(Read(mincode, out var error));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheLargeSample_ReadsAsItsJson()
    {
        const string Mincode = "((a!)sb!c!(d!aa!.sb!g!)ae!s1!s2!.df!16!jg!53.2!dh!-11!ji!-78.3e-10!tj!fk!nl!(m!)an!()(sa!b!)(sc!d!).(o!))";

        Assert.Equal(
            """{"a":{},"b":"c","d":{"a":[],"b":"g"},"e":["1","2"],"f":42,"g":53.2,"h":-37,"i":-7.83E-9,"j":true,"k":false,"l":null,"m":{},"n":[{},{"a":"b"},{"c":"d"}],"o":{}}""",
            Read(Mincode, out _));
    }

    [Fact]
    public void Empty_IsMissingRatherThanInvalid() => Assert.Equal("missing", Read("", out _));

    [Fact]
    public void ManyMembers_KeepOrderAndLastValue()
    {
        var members = string.Concat(Enumerable.Range(0, 200).Select(index => $"dk{index % 100}!{index % 10}!"));

        var json = Read($"({members})", out _)!;

        Assert.StartsWith("{\"k0\":0,\"k1\":1,", json, StringComparison.Ordinal);
        Assert.Equal(100, json.Count(letter => letter == ':'));
    }

    [Fact]
    public void NestingBeyondTheBound_IsAnError()
    {
        Assert.Null(Read(new string('a', JsonTree.DepthMax + 1), out var error));
        Assert.Contains("deeper", error, StringComparison.Ordinal);
    }

    [Fact]
    public void NumberBeyondTheBound_IsAnError() => Assert.Null(Read($"d{new string('z', DecimalText.LengthMax + 1)}!", out _));

    [Fact]
    public void AnyText_NeverThrows() =>
        Gen.Char["asdjtfn().!~ 0123456789-+eEz\u00e9"].Array[0, 60].Sample(letters => Read(new string(letters), out _));

    private static string? Read(string mincode, out string error)
    {
        var scope = new MappedEventScope(new AFrame { Parameters = mincode, ParametersFormat = ParametersFormat.Mincode });
        var mapped = scope.Mapped;
        var source = new TextSlice(null, mapped.Frame.OffsetOf(FrameSlot.Parameters), mapped.Frame[FrameSlot.Parameters].Length);
        return MincodeReader.TryRead(mapped, source, out var root, out error) ? JsonTreePrinter.Print(root, mapped) : null;
    }
}
