using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Interfaces.Tests.Configuration.Hocon;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Loading;

public class ConfigurationLayersTests
{
    private static readonly MemoryFiles Disk = new()
    {
        ["/srv/conf/divolte-collector.conf"] = Port(1),
        ["/etc/divolte/divolte-collector.conf"] = Port(2),
        ["/srv/named.conf"] = Port(3),
        ["/srv/props/divolte.properties"] = "divolte.global.server.port = 4\ndivolte.global.hdfs.enabled = false",
        ["/hadoop/application.conf"] = Port(5),
        ["/hadoop/own.conf"] = Port(6),
        ["/srv/broken.conf"] = "divolte {\n global { server { port = } }\n}",
        ["/srv/refers.conf"] = "divolte.global.server.port = ${divolte.global.admin.port}",
        ["/srv/home.conf"] = "divolte.global.mapper.ip2geo_database = ${user.home}/geo.mmdb",
        ["/srv/includes.conf"] = "include classpath(\"reference.conf\")\ndivolte.global.server.host = x",
    };

    [Fact]
    public void NoFileAnywhere_GivesTheDefaults()
    {
        var result = Load(new ConfigurationRequest { WorkingDirectory = "/elsewhere" });

        Assert.Equal(8290, result.Configuration.Global.Server.Port);
        Assert.Null(result.File);
    }

    [Fact]
    public void Search_GoesFromTheExplicitFileToTheWorkingDirectory()
    {
        Assert.Equal((1, "/srv/conf/divolte-collector.conf"), PortAndFile(new ConfigurationRequest()));
        Assert.Equal((2, "/etc/divolte/divolte-collector.conf"), PortAndFile(new ConfigurationRequest { Environment = Env(("DIVOLTE_CONF_DIR", "/etc/divolte")) }));
        Assert.Equal((2, "/etc/divolte/divolte-collector.conf"), PortAndFile(new ConfigurationRequest { Environment = Env(("DIVOLTE_CONF_DIR", "../etc/divolte")) }));
        Assert.Equal((1, "/srv/conf/divolte-collector.conf"), PortAndFile(new ConfigurationRequest { Environment = Env(("DIVOLTE_CONF_DIR", "")) }));
        Assert.Equal((8290, null), PortAndFile(new ConfigurationRequest { Environment = Env(("DIVOLTE_CONF_DIR", "/missing")) }));
        Assert.Equal((3, "/srv/named.conf"), PortAndFile(new ConfigurationRequest { ConfigFile = "named.conf", Environment = Env(("DIVOLTE_CONF_DIR", "/etc/divolte")) }));
        Assert.Equal((3, "/srv/named.conf"), PortAndFile(new ConfigurationRequest { Environment = Env(("DIVOLTE_JAVA_OPTS", "-Xmx1g -Dconfig.file=named.conf")) }));
        Assert.Equal((4, "/srv/props/divolte.properties"), PortAndFile(new ConfigurationRequest { ConfigFile = "props/divolte.properties" }));
    }

    [Fact]
    public void ResourcesAndAddresses_AreFoundWhereUpstreamsClassPathIs()
    {
        var hadoop = Env(("HADOOP_CONF_DIR", "/hadoop"));

        Assert.Equal(5, PortAndFile(new ConfigurationRequest { WorkingDirectory = "/elsewhere", Environment = hadoop }).Port);
        Assert.Equal(6, PortAndFile(new ConfigurationRequest { WorkingDirectory = "/elsewhere", Environment = hadoop, Overrides = ["-Dconfig.resource=own.conf"] }).Port);
        Assert.Equal(3, PortAndFile(new ConfigurationRequest { WorkingDirectory = "/elsewhere", Overrides = ["-Dconfig.url=file:///srv/named.conf"] }).Port);
        Assert.False(Load(new ConfigurationRequest { WorkingDirectory = "/elsewhere", Overrides = ["-Dconfig.resource=own.conf"] }).IsValid);
        Assert.False(Load(new ConfigurationRequest { WorkingDirectory = "/elsewhere", Overrides = ["-Dconfig.url=https://example.com/x.conf"] }).IsValid);
        Assert.False(Load(new ConfigurationRequest { Overrides = ["-Dconfig.url=file:///srv/named.conf", "-Dconfig.file=named.conf"] }).IsValid);
    }

    [Fact]
    public void FileThatCannotBeRead_IsOneViolationThatNamesIt()
    {
        var violation = Assert.Single(Load(new ConfigurationRequest { ConfigFile = "missing.conf" }).Violations);

        Assert.Equal(ConfigurationViolationKind.Syntax, violation.Kind);
        Assert.Contains("/srv/missing.conf", violation.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("conf")]
    [InlineData("/dev/zero")]
    public void FileThatIsNone_IsAViolationOnTheRealDiskToo(string path) =>
        Assert.False(ConfigurationLoader.Load(new ConfigurationRequest { ConfigFile = path, WorkingDirectory = AppContext.BaseDirectory }).IsValid);

    [Fact]
    public void SyntaxError_NamesFileAndLine() =>
        Assert.StartsWith("/srv/broken.conf: 2: ", Assert.Single(Load(new ConfigurationRequest { ConfigFile = "broken.conf" }).Violations).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Priority_IsForcedVariablesThenCommandLineThenJavaOptionsThenFileThenDefaults()
    {
        var environment = Env(
            ("DIVOLTE_PORT", "10"),
            ("DIVOLTE_JAVA_OPTS", "-XX:+UseG1GC -Ddivolte.global.server.port=20 -Ddivolte.global.admin.port=21 -Ddivolte.global.mapper.threads=22"),
            ("CONFIG_FORCE_divolte_global_server_port", "40"));
        var request = new ConfigurationRequest { WorkingDirectory = "/elsewhere", Environment = environment, Overrides = ["-Ddivolte.global.server.port=30", "-Ddivolte.global.admin.port=31"] };

        var plain = Load(request).Configuration.Global;
        var forced = Load(request with { Overrides = [.. request.Overrides, "-Dconfig.override_with_env_vars=true"] }).Configuration.Global;

        Assert.Equal((30, 31, 22), (plain.Server.Port, plain.Admin.Port, plain.Mapper.Threads));
        Assert.Equal((40, 31, 22), (forced.Server.Port, forced.Admin.Port, forced.Mapper.Threads));
        Assert.Equal(10, Load(new ConfigurationRequest { WorkingDirectory = "/elsewhere", Environment = Env(("DIVOLTE_PORT", "10")) }).Configuration.Global.Server.Port);
        Assert.Equal(1, Load(new ConfigurationRequest { Environment = Env(("DIVOLTE_PORT", "10")) }).Configuration.Global.Server.Port);
        Assert.Equal(20, Load(new ConfigurationRequest { Environment = environment }).Configuration.Global.Server.Port);
    }

    [Fact]
    public void ForcedVariables_SpellDotsDashesAndUnderscores()
    {
        var configuration = Load(new ConfigurationRequest
        {
            WorkingDirectory = "/elsewhere",
            Environment = Env(("CONFIG_FORCE_divolte_sources_my__json_type", "json"), ("CONFIG_FORCE_divolte_sources_my__json_event___path", "/x")),
            Overrides = ["-Dconfig.override_with_env_vars=true"],
        }).Configuration;

        Assert.Equal("/x", Assert.IsType<JsonSourceOptions>(configuration.Sources.Single(source => source.Name == "my-json")).EventPath);
    }

    [Fact]
    public void FlatOverrides_MayGiveLists()
    {
        var configuration = Load(new ConfigurationRequest
        {
            WorkingDirectory = "/elsewhere",
            Overrides = ["-Ddivolte.mappings.m.sources.0=browser", "-Ddivolte.mappings.m.sinks.0=kafka", "-Ddivolte.mappings.m.sinks.1=hdfs"],
        }).Configuration;

        Assert.Equal(["kafka", "hdfs"], configuration.Mappings[0].Sinks);
    }

    [Fact]
    public void File_MayReferToDefaultsAndDefaultsSeeOverrides()
    {
        Assert.Equal(8291, PortAndFile(new ConfigurationRequest { ConfigFile = "refers.conf" }).Port);
        Assert.Equal(7, PortAndFile(new ConfigurationRequest { ConfigFile = "refers.conf", Overrides = ["-Ddivolte.global.admin.port=7"] }).Port);
        Assert.Equal("x", Load(new ConfigurationRequest { ConfigFile = "includes.conf" }).Configuration.Global.Server.Host);
    }

    [Fact]
    public void File_MayReferToJavasOwnProperties() =>
        Assert.Equal(
            "/home/me/geo.mmdb",
            Load(new ConfigurationRequest { ConfigFile = "home.conf", Environment = Env(("HOME", "/home/me")) }).Configuration.Global.Mapper.Ip2GeoDatabase);

    [Fact]
    public void OurOwnVariables_SetTheirKeys()
    {
        var global = Load(new ConfigurationRequest
        {
            WorkingDirectory = "/elsewhere",
            Environment = Env(
                ("DIVOLTE_STORE", "redis"), ("DIVOLTE_REDIS", "r1:6379"), ("DIVOLTE_REDIS_PASSWORD", "secret"), ("DIVOLTE_REDIS_SYNC", "everysec"), ("DIVOLTE_REDIS_CERTIFICATE_AUTHORITY", "/ca.pem"),
                ("DIVOLTE_REDIS_REPLICAS", "2"), ("DIVOLTE_REDIS_REPLICA_TIMEOUT", "100"), ("DIVOLTE_REDIS_MAXIMUM_MEMORY", "1 GiB"),
                ("DIVOLTE_CLUSTER", "shop"), ("DIVOLTE_ADDRESS", "10.0.0.5"), ("DIVOLTE_SILO_PORT", "11112"), ("DIVOLTE_GATEWAY_PORT", "0"), ("DIVOLTE_DATA_DIR", "/data"), ("DIVOLTE_ACKNOWLEDGE", "received"), ("DIVOLTE_ROUTE_BY", "uri"),
                ("DIVOLTE_SHARDS", "128"), ("DIVOLTE_DUPLICATE_WINDOW", "1 hour"), ("DIVOLTE_DUPLICATE_CAPACITY", "1M"), ("DIVOLTE_ANSWER_TIMEOUT", "400"),
                ("DIVOLTE_SPOOL_DIRECTORY", "/spool"), ("DIVOLTE_SPOOL_MAXIMUM_SIZE", "2 GiB"), ("DIVOLTE_HTTP", "off"),
                ("DIVOLTE_ADMIN_HOST", "0.0.0.0"), ("DIVOLTE_ADMIN_PORT", "9001"), ("DIVOLTE_ADMIN_TOKEN", "t")),
        }).Configuration.Global;

        Assert.Equal(
            new GridOptions
            {
                Store = GridStore.Redis, Redis = "r1:6379", Cluster = "shop", Address = "10.0.0.5", SiloPort = 11112, GatewayPort = 0,
                RedisServer = new RedisOptions
                {
                    Password = "secret", CertificateAuthority = "/ca.pem", Sync = RedisSync.Everysec, Replicas = 2, ReplicaTimeout = TimeSpan.FromMilliseconds(100), MaximumMemoryBytes = 1L << 30,
                },
                DataDirectory = "/data", Acknowledge = Acknowledgement.Received, RouteBy = RouteBy.Uri, Shards = 128, Queues = 16,
                DuplicateWindow = TimeSpan.FromHours(1), DuplicateCapacity = 1 << 20, AnswerTimeout = TimeSpan.FromMilliseconds(400),
                Spool = new SpoolOptions { Directory = "/spool", MaximumSizeBytes = 2L << 30 }, Http = SiloHttp.Off,
            },
            global.Grid);
        Assert.Equal(new AdminOptions { Host = "0.0.0.0", Port = 9001, Token = "t" }, global.Admin);
    }

    [Theory]
    [InlineData("-Da=1 -Xmx1g  -Db=2", "-Da=1|-Xmx1g|-Db=2")]
    [InlineData("-Da='x y' \"-Db=z w\"", "-Da=x y|-Db=z w")]
    [InlineData("", "")]
    [InlineData(" '' ", "")]
    public void JavaOptions_SplitAtBlanksOutsideQuotes(string text, string options) => Assert.Equal(options, string.Join('|', JavaOptions.Split(text)));

    [Fact]
    public void OddOptions_AreIgnored() =>
        Assert.True(Load(new ConfigurationRequest { WorkingDirectory = "/elsewhere", Overrides = ["-D", "-D=x", "-Da..b=x", "-Dflag", "-Ddivolte2.x=1"] }).IsValid);

    [Fact]
    public void CommandLine_GivesFileOverridesAndTheRest()
    {
        var request = ConfigurationRequest.FromCommandLine(["check", "--config", "x.conf", "-Da=b", "--verbose"], out var others);

        Assert.Equal("x.conf", request.ConfigFile);
        Assert.Equal(["-Da=b"], request.Overrides);
        Assert.Equal(["check", "--verbose"], others);
        Assert.Equal("y.conf", ConfigurationRequest.FromCommandLine(["--config=y.conf"], out _).ConfigFile);
        Assert.NotEmpty(request.Environment);
    }

    [Fact]
    public void GoogleProject_IsDiscoveredFromTheSurroundings()
    {
        var disk = new MemoryFiles { ["/key.json"] = """{ "type": "service_account", "project_id": "from-key" }""", ["/bad.json"] = "{", ["/list.json"] = "[]" };

        Assert.Equal("from-variable", Project(("GOOGLE_CLOUD_PROJECT", "from-variable"), ("GOOGLE_APPLICATION_CREDENTIALS", "/key.json")));
        Assert.Equal("from-key", Project(("GOOGLE_APPLICATION_CREDENTIALS", "/key.json")));
        Assert.Null(Project(("GOOGLE_APPLICATION_CREDENTIALS", "/bad.json")));
        Assert.Null(Project(("GOOGLE_APPLICATION_CREDENTIALS", "/list.json")));
        Assert.Null(Project(("GOOGLE_APPLICATION_CREDENTIALS", "/missing.json")));

        string? Project(params (string, string)[] variables) =>
            ConfigurationLoader.Load(new ConfigurationRequest { WorkingDirectory = "/elsewhere", Environment = Env(variables) }, disk).Configuration.Global.Gcps.ProjectId;
    }

    private static string Port(int port) => $"divolte.global.server.port = {port}";

    private static Dictionary<string, string> Env(params (string Name, string Value)[] variables) => variables.ToDictionary(pair => pair.Name, pair => pair.Value);

    private static ConfigurationResult Load(ConfigurationRequest request) =>
        ConfigurationLoader.Load(request.WorkingDirectory.StartsWith("/elsewhere", StringComparison.Ordinal) ? request : request with { WorkingDirectory = "/srv" }, Disk);

    private static (int Port, string? File) PortAndFile(ConfigurationRequest request)
    {
        var result = Load(request);
        return (result.Configuration.Global.Server.Port, result.File);
    }
}
