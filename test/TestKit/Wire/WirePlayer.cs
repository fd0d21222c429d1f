using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Divolte.TestKit.Wire;

/// <summary>Sends the requests of a case to a port of this host, byte by byte, and compares what comes back.</summary>
/// <param name="port">Where the server listens.</param>
/// <param name="patience">How long an answer is awaited that was recorded.</param>
/// <param name="silence">How long nothing must come where nothing was recorded; null leaves that out.</param>
public sealed class WirePlayer(int port, TimeSpan patience, TimeSpan? silence = null)
{
    private readonly List<WireDifference> _differences = [];
    private byte[] _plainScript = [];

    public async Task<IReadOnlyList<WireDifference>> PlayAsync(WireCase wireCase)
    {
        _differences.Clear();
        foreach (var steps in wireCase.Connections)
        {
            try
            {
                await PlayAsync(steps);
            }
            catch (OperationCanceledException)
            {
                Differ("connection", "an answer or an end", "neither");
            }
        }
        return [.. _differences];
    }

    private async Task PlayAsync(IReadOnlyList<JsonElement> steps)
    {
        await using var connection = await RawConnection.OpenAsync(port, patience);
        var isHead = false;
        foreach (var step in steps)
        {
            if (WireCase.IsSending(step))
            {
                var bytes = WireCase.BytesOf(step);
                isHead = bytes.StartsWith("HEAD ", StringComparison.OrdinalIgnoreCase);
                if (bytes.StartsWith("GET ", StringComparison.Ordinal) && bytes.Split(' ')[1].Contains(".js", StringComparison.OrdinalIgnoreCase))
                    _plainScript = await FetchAsync(bytes.Split(' ')[1]);
                await connection.SendAsync(Fill(bytes));
            }
            else if (step.TryGetProperty("receive", out var expected))
            {
                await CompareAnswerAsync(connection, step, expected, isHead);
            }
            else if (step.TryGetProperty("sleepMs", out var pause) && silence is not null)
            {
                await Task.Delay(pause.GetInt32());
            }
            else if (step.TryGetProperty("halfClose", out _))
            {
                connection.HalfClose();
            }
            else if (step.TryGetProperty("clientCloses", out _))
            {
                return;
            }
            else if (step.TryGetProperty("connection", out var state))
            {
                await CompareStateAsync(connection, state.GetString()!);
            }
        }
    }

    private async Task CompareAnswerAsync(RawConnection connection, JsonElement step, JsonElement expected, bool isHead)
    {
        if (expected.ValueKind != JsonValueKind.Null)
        {
            if (await connection.ReceiveAsync(isHead) is { } answer)
                CompareAnswer(expected, answer);
            else
                Differ("status", Number(expected.GetProperty("status").GetInt32()), "an end without an answer");
            return;
        }
        var isClosed = step.TryGetProperty("closedByServer", out _);
        if (!isClosed && silence is null)
            return;
        try
        {
            var answer = await connection.ReceiveAsync(isHead, isClosed ? patience : silence);
            if (answer is not null || !isClosed)
                Differ("status", "no answer", answer is null ? "an end" : Number(answer.Status));
        }
        catch (OperationCanceledException) when (!isClosed)
        {
            // Nothing came, as recorded.
        }
    }

    private async Task CompareStateAsync(RawConnection connection, string expected)
    {
        if (expected == "closed")
        {
            if (!await connection.IsClosedAsync())
                Differ("connection", expected, "open, with more to read");
            return;
        }
        if (expected is not ("kept" or "open-silent" or "other-response"))
            return;
        await connection.SendAsync("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
        RawAnswer? answer;
        try
        {
            answer = await connection.ReceiveAsync(patience: expected == "open-silent" ? TimeSpan.FromSeconds(0.7) : null);
        }
        catch (OperationCanceledException) when (expected == "open-silent")
        {
            return;
        }
        var state = answer is null ? "closed" : answer.Status is 200 or 503 ? "kept" : "other-response";
        if (state != expected)
            Differ("connection", expected, state);
    }

    private void CompareAnswer(JsonElement expected, RawAnswer actual)
    {
        var status = expected.GetProperty("status").GetInt32();
        if (status != actual.Status)
            Differ("status", Number(status), Number(actual.Status));
        CompareHeaders(expected.GetProperty("headers"), actual);
        CompareBody(expected, actual);
    }

    private void CompareHeaders(JsonElement expected, RawAnswer actual)
    {
        var wanted = expected.EnumerateArray().Select(pair => (Name: pair[0].GetString()!.ToLowerInvariant(), Value: pair[1].GetString()!)).Where(IsCompared).ToList();
        foreach (var (name, value) in wanted)
        {
            if (!actual.Headers[name].Any(found => HeaderEquals(value, found)))
                Differ($"header:{name}", value, string.Join('|', actual.Headers[name]) is { Length: > 0 } found ? found : "none");
        }
        foreach (var header in actual.Headers)
        {
            var name = header.Key.ToLowerInvariant();
            if (header.All(value => IsCompared((name, value))) && !wanted.Any(pair => pair.Name == name))
                Differ($"header:{name}", "none", string.Join('|', header));
        }
    }

    /// <summary>That a connection is kept is the default of HTTP/1.1.</summary>
    private static bool IsCompared((string Name, string Value) header) =>
        !(header.Name == "connection" && header.Value.Equals("keep-alive", StringComparison.OrdinalIgnoreCase));

    private bool HeaderEquals(string expected, string actual)
    {
        if (expected.Contains("<base64", StringComparison.Ordinal))
            return actual == expected.Replace("<base64(sha256(plain body))>", PlainDigest(), StringComparison.Ordinal);
        return expected.Contains('<', StringComparison.Ordinal)
            ? Regex.IsMatch(actual, "^" + Regex.Replace(Regex.Escape(expected), "<[^>]*>", ".+") + "$")
            : expected == actual;
    }

    private void CompareBody(JsonElement expected, RawAnswer actual)
    {
        if (expected.TryGetProperty("body_base64", out var binary))
        {
            if (binary.GetString() != Convert.ToBase64String(actual.Body))
                Differ("body", binary.GetString()!, Convert.ToBase64String(actual.Body));
        }
        else if (expected.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.String)
        {
            if (body.GetString() != actual.Text)
                Differ("body", body.GetString()!, actual.Text);
        }
        else if (body.ValueKind == JsonValueKind.Object)
        {
            // A script or a page, whose text is our own.
            if (actual.Body.Length == 0)
                Differ("body", "some", "none");
            if (body.TryGetProperty("gzip", out var gzip) && gzip.GetBoolean() != actual.Body.AsSpan().StartsWith<byte>([0x1f, 0x8b]))
                Differ("body", gzip.GetBoolean() ? "compressed" : "plain", "the other form");
        }
    }

    /// <summary>The body that a path has without conditions and encodings.</summary>
    private async Task<byte[]> FetchAsync(string target)
    {
        await using var connection = await RawConnection.OpenAsync(port, patience);
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        return (await connection.ReceiveAsync())?.Body ?? [];
    }

    private string Fill(string bytes) => bytes
        .Replace("{plain_bare}", PlainDigest(), StringComparison.Ordinal)
        .Replace("{plain}", $"\"{PlainDigest()}\"", StringComparison.Ordinal)
        .Replace("{gz}", $"\"gz+{PlainDigest()}\"", StringComparison.Ordinal);

    private string PlainDigest() => Convert.ToBase64String(SHA256.HashData(_plainScript));

    private void Differ(string facet, string expected, string actual) => _differences.Add(new WireDifference(facet, expected, actual));

    private static string Number(int status) => status.ToString(CultureInfo.InvariantCulture);
}
