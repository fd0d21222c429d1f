using CsCheck;
using Divolte.Grains.UserAgents.Rules;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents.Prefilter;

/// <summary>The filter in front of the rules changes nothing but the time: it is compared with all rules tried in turn.</summary>
public sealed class FilterTests
{
    private static readonly RuleSet Rules = new(RuleSet.ReadEmbeddedLists(), []);

    private static readonly string[] Headers =
        [.. CaseFiles.Rows("uap-core.zip", "").Where(row => row.Length > 3).Select(row => row[0]).Where((_, index) => index % 7 == 0)];

    /// <summary>Signs whose case or kind is not what ASCII would make one think.</summary>
    private static readonly string[] Strange = ["\u212a", "\u017f", "\u0130", "\u0131", "ä", "\u0661", "\t", "😀"];

    [Fact]
    public void MutatedHeaders_AreToldAsWithoutTheFilter()
    {
        var piece = Gen.Select(Gen.Int[0, Headers.Length - 1], Gen.Int[0, 200], Gen.Int[1, 80], (header, from, length) =>
        {
            var text = Headers[header];
            var start = Math.Min(from, text.Length);
            return text.Substring(start, Math.Min(length, text.Length - start));
        });
        var noise = Gen.OneOf(Gen.String[Gen.Char[' ', '~'], 0, 6], Gen.OneOf([.. Strange.Select(Gen.Const)]));
        var header = Gen.Select(piece.Array[1, 3], noise.Array[3], (pieces, noises) => string.Concat(pieces.SelectMany((text, index) => new[] { noises[index], text })));

        header.Sample(AssertSame, iter: 400);
    }

    [Fact]
    public void HeadersWithOtherCase_AreToldAsWithoutTheFilter() =>
        Gen.Select(Gen.Int[0, Headers.Length - 1], Gen.Bool, (index, isUpper) => isUpper ? Headers[index].ToUpperInvariant() : Headers[index].ToLowerInvariant())
            .Sample(AssertSame, iter: 200);

    private static void AssertSame(string header)
    {
        var (filtered, inTurn) = (Rules.Find(header), Rules.FindInTurn(header));

        Assert.Equal((inTurn.Agent, inTurn.System, inTurn.Device), (filtered.Agent, filtered.System, filtered.Device));
    }
}
