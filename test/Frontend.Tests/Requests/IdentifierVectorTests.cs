using System.Text;
using Divolte.Grains.Interfaces.Identity;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

public sealed class IdentifierVectorTests
{
    [Fact]
    public void RecordedVectors_AreAcceptedAndRenderedAlike()
    {
        var differences = new List<string>();
        var count = 0;
        foreach (var vector in GoldenFiles.Read("identifiers.jsonl"))
        {
            count++;
            var isAccepted = DivolteIdentifier.TryParse(Encoding.UTF8.GetBytes(vector.GetProperty("text").GetString()!), out var identifier);
            if (isAccepted != vector.GetProperty("acceptedAsParty").GetBoolean())
                differences.Add($"{vector.GetProperty("name")}: accepted {isAccepted}");
            else if (isAccepted && (Canonical(identifier) != vector.GetProperty("value").GetString()
                || identifier.TimestampMilliseconds != vector.GetProperty("timestamp").GetInt64()))
                differences.Add($"{vector.GetProperty("name")}: {Canonical(identifier)}");
        }

        Assert.Empty(differences);
        Assert.Equal(55, count);
    }

    private static string Canonical(DivolteIdentifier identifier)
    {
        var target = new byte[identifier.CanonicalLengthMax];
        return Encoding.UTF8.GetString(target, 0, identifier.WriteCanonical(target));
    }
}
