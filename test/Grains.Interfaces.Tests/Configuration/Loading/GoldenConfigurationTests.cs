using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Loading;

/// <summary>Configuration files that ran on Divolte Collector; skipped where the recordings are not beside the checkout.</summary>
public class GoldenConfigurationTests
{
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["WIRE_PORT"] = "18290",
        ["WIRE_KAFKA"] = "localhost:19092",
        ["WIRE_TOPIC"] = "wire",
        ["SUITE_DIR"] = "/suites/one",
        ["DIVOLTE_PORT"] = "18290",
        ["KAFKA_BOOTSTRAP"] = "localhost:19092",
        ["GEOIP_DIR"] = "/geoip",
    };

    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        if (Recordings() is { } golden)
        {
            foreach (var file in Directory.EnumerateFiles(golden, "*.conf", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                files.Add(Path.GetRelativePath(golden, file));
        }

        if (files.Count == 0)
            files.Add("");
        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void RecordedConfiguration_Loads(string file)
    {
        Assert.SkipWhen(file.Length == 0, "the recordings are not beside the checkout");

        var result = ConfigurationLoader.Load(new ConfigurationRequest { ConfigFile = Path.Combine(Recordings()!, file), Environment = Environment });

        Assert.True(result.IsValid, string.Join('\n', result.Violations));
        Assert.Equal(18290, result.Configuration.Global.Server.Port);
        Assert.False(result.Configuration.Global.Hdfs.IsEnabled);
        Assert.Equal("localhost:19092", result.Configuration.Global.Kafka.Producer["bootstrap.servers"]);
        Assert.NotEmpty(result.Configuration.Mappings);
    }

    /// <summary>The folder <c>golden</c> in a folder <c>shared</c> beside the checkout, or where a variable says.</summary>
    private static string? Recordings()
    {
        if (System.Environment.GetEnvironmentVariable("DIVOLTE_GOLDEN") is { Length: > 0 } named)
            return named;
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "shared", "golden");
            if (Directory.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
