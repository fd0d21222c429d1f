using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Integration.Tests;

/// <summary>One real process with one file sink that publishes every second, and what a test asks of it.</summary>
internal sealed class SingleSilo : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly string _published;

    private SingleSilo(SiloProcess process, string published)
    {
        Process = process;
        _published = published;
    }

    public SiloProcess Process { get; }

    /// <summary>What the process runs on; the same for every start in the same folder.</summary>
    /// <param name="folder">Folder of the test.</param>
    /// <param name="global">What goes into <c>divolte.global</c>.</param>
    /// <param name="browser">What goes into the browser source.</param>
    /// <param name="mapping">What goes into the mapping, for example script and schema.</param>
    public static SiloProcessSettings Settings(TemporaryFolder folder, string global = "", string browser = "", string mapping = "") => new()
    {
        DataDirectory = folder.Below("data"),
        WorkingDirectory = folder.Path,
        Arguments =
        [
            "--config",
            folder.Write("divolte-collector.conf", $$"""
                divolte {
                  global { {{global}} }
                  sources {
                    browser { type = browser, {{browser}} }
                    app { type = json, event_path = /app }
                  }
                  sinks {
                    files {
                      type = hdfs, replication = 1
                      file_strategy {
                        working_dir = "{{folder.Below("working")}}", publish_dir = "{{folder.Below("published")}}"
                        roll_every = 1 second, sync_file_after_duration = 200 milliseconds
                      }
                    }
                  }
                  mappings { all { sources = [browser, app], sinks = [files], {{mapping}} } }
                }
                """),
        ],
    };

    public static async Task<SingleSilo> StartAsync(TemporaryFolder folder, SiloProcessSettings? settings = null) =>
        new(await SiloProcess.StartAsync(settings ?? Settings(folder), TestContext.Current.CancellationToken), folder.Below("published"));

    public Uri Public(string path) => new($"http://127.0.0.1:{Process.Port}{path}");

    public Uri Admin(string path) => new($"http://127.0.0.1:{Process.AdminPort}{path}");

    public Task<HttpResponseMessage> GetAsync(Uri uri) => _http.GetAsync(uri, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request, TestContext.Current.CancellationToken);

    /// <summary>Sends a page view and expects the pixel.</summary>
    public async Task SendPageViewAsync(long number, string party = "0:i1t84hgy:integrationintegrationintegrat00")
    {
        using var answer = await GetAsync(Public(PageView(number, party).Target));
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("image/gif", answer.Content.Headers.ContentType?.MediaType);
    }

    public static Beacon PageView(long number, string party = "0:i1t84hgy:integrationintegrationintegrat00") =>
        Beacon.PageView("/csc-event", party, "0:i1t84hgy:sessionsessionsessionsessionse00", number, 1732320000000);

    /// <summary>Waits until so many records are in published files, and returns all that are.</summary>
    /// <param name="count">How many.</param>
    /// <param name="party">The party whose records count; null for all.</param>
    public async Task<IReadOnlyList<DeliveredEvent>> WaitForRecordsAsync(int count, string? party = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            var records = DeliveredFiles.Read(_published).Where(record => party is null || record.PartyId == party).ToList();
            if (records.Count >= count)
                return records;
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{count} records were awaited for {Patience}, {records.Count} came. Output:\n{Process.Output}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Process.DisposeAsync();
    }
}
