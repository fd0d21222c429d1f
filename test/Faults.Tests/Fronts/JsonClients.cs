using System.Collections.Concurrent;
using System.Net.Http.Headers;

namespace Divolte.Faults.Tests.Fronts;

/// <summary>Clients that post JSON events one after another and count what they are answered. They do not send again: what they see is what a client sees.</summary>
internal sealed class JsonClients(int port, string path, int clients) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private volatile bool _isFinishing;

    /// <summary>How often each answer came: a status, or the kind of failure when there was none.</summary>
    public IReadOnlyDictionary<string, int> Answers => _answers;

    /// <summary>Answers other than success.</summary>
    public int Failures => _answers.Where(answer => answer.Key != "204").Sum(answer => answer.Value);

    public void Finish() => _isFinishing = true;

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => PostAsync(client, cancellationToken)));

    public void Dispose() => _http.Dispose();

    private async Task PostAsync(int client, CancellationToken cancellationToken)
    {
        for (var number = 0; !_isFinishing; number++)
        {
            var body = $$$"""{"session_id":"0:i1t84hgy:session{{{client}}}","event_id":"0:{{{client}}}-{{{number}}}","is_new_party":false,"is_new_session":false,"client_timestamp_iso":"2026-01-01T00:00:00Z","event_type":"posted","parameters":{"number":{{{number}}}}}""";
            using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
            _answers.AddOrUpdate(await PostAsync(content, $"0:i1t84hgy:poster{client}", cancellationToken), 1, (_, count) => count + 1);
        }
    }

    private async Task<string> PostAsync(StringContent content, string party, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.PostAsync(new Uri($"http://127.0.0.1:{port}{path}?p={Uri.EscapeDataString(party)}"), content, cancellationToken);
            return ((int)answer.StatusCode).ToString(provider: null);
        }
        catch (HttpRequestException trouble)
        {
            return trouble.HttpRequestError.ToString();
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "timeout";
        }
    }
}
