using System.Text;
using System.Text.Json;
using Divolte.Frontend.Browser;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Mapping.Mincode;
using Divolte.Grains.Schemas;
using Divolte.Grains.Tests.Mapping;
using Divolte.Grains.Tests.Mapping.Json;
using Divolte.TestKit.Events;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Tag;

/// <summary>What the tag's own code encodes is what the server's readers read, for many random values.</summary>
public sealed class TagEncodingTests
{
    private const int Count = 5000;

    /// <summary>Largest whole number below which every whole number is a double.</summary>
    private const double ExactMax = 9007199254740992;

    [Fact]
    public async Task RandomValues_AreReadByTheServerAsTheyWere()
    {
        var seed = Environment.GetEnvironmentVariable("DIVOLTE_TEST_SEED") ?? "20261130";
        using var folder = new TemporaryFolder();
        var copy = Path.Combine(folder.Path, "tag");
        await NodePackages.InstallOrSkipAsync(Path.Combine(RepositoryPaths.Root, "Frontend", "Browser", "Tag"), copy);

        var (exitCode, output) = await NodePackages.RunOrSkipAsync(
            "node", copy, TimeSpan.FromMinutes(2), "test/vectors.mjs", seed, Count.ToString(provider: null));

        Assert.True(exitCode == 0, output);
        var vectors = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();
        Assert.Equal(Count, vectors.Count);
        var differences = vectors.Select(Difference).OfType<string>().ToList();
        Assert.True(differences.Count == 0, $"seed {seed}, {differences.Count} differ: {string.Join('\n', differences.Take(10))}");
    }

    private static string? Difference(JsonElement vector)
    {
        var mincode = vector.GetProperty("mincode").GetString()!;
        if (Read(mincode) is not { } read || !IsAlike(JsonElement.Parse(vector.GetProperty("json").GetString()!), JsonElement.Parse(read)))
            return $"{vector.GetProperty("json").GetString()} as {mincode} is {Read(mincode)}";
        if (MurmurHash3.Hash32(Encoding.UTF8.GetBytes(mincode)) != vector.GetProperty("hash").GetInt32())
            return $"hash of {mincode}";
        var identifier = vector.GetProperty("identifier").GetString()!;
        return DivolteIdentifier.TryParse(Encoding.UTF8.GetBytes(identifier), out var party)
            && party.TimestampMilliseconds == vector.GetProperty("time").GetInt64()
            && party.Unique.Length == 32
            && Canonical(party) == identifier
            ? null
            : $"identifier {identifier}";
    }

    private static string Canonical(DivolteIdentifier identifier)
    {
        Span<byte> text = stackalloc byte[identifier.CanonicalLengthMax];
        return Encoding.UTF8.GetString(text[..identifier.WriteCanonical(text)]);
    }

    private static string? Read(string mincode)
    {
        var scope = new MappedEventScope(new AFrame { Parameters = mincode, ParametersFormat = ParametersFormat.Mincode });
        var mapped = scope.Mapped;
        var source = new TextSlice(null, mapped.Frame.OffsetOf(FrameSlot.Parameters), mapped.Frame[FrameSlot.Parameters].Length);
        return MincodeReader.TryRead(mapped, source, out var root, out _) ? JsonTreePrinter.Print(root, mapped) : null;
    }

    /// <summary>Numbers are compared as the doubles that they were. Beyond the exact ones, browsers write base 36 only nearly.</summary>
    private static bool IsAlike(JsonElement expected, JsonElement actual) => expected.ValueKind switch
    {
        _ when expected.ValueKind != actual.ValueKind => false,
        JsonValueKind.Object => expected.EnumerateObject().Zip(actual.EnumerateObject()).All(pair => pair.First.Name == pair.Second.Name && IsAlike(pair.First.Value, pair.Second.Value))
            && expected.EnumerateObject().Count() == actual.EnumerateObject().Count(),
        JsonValueKind.Array => expected.GetArrayLength() == actual.GetArrayLength() && expected.EnumerateArray().Zip(actual.EnumerateArray()).All(pair => IsAlike(pair.First, pair.Second)),
        JsonValueKind.Number => IsAlike(expected.GetDouble(), actual.GetDouble()),
        _ => JsonElement.DeepEquals(expected, actual),
    };

    private static bool IsAlike(double expected, double actual) =>
        expected == actual || (Math.Abs(expected) >= ExactMax && Math.Abs(expected - actual) <= Math.Abs(expected) * 1e-14);
}
