using System.Text;
using System.Text.Json;
using Divolte.Frontend.Hosting;
using Divolte.Frontend.Listening;
using Divolte.Frontend.Requests;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Silo.Mapping;

/// <summary>
/// <c>divolte mapping-test</c>: maps the hand-written event of a POST, whatever its path, and answers with the record. Headers and cookies are those of
/// the request itself. The collector's own tool, with its options and answers; what went wrong is told in the body besides.
/// </summary>
internal sealed class MappingTestServer(CompiledMapping mapping, TimeProvider time, TextWriter error)
{
    /// <summary>Largest event that is taken, in bytes.</summary>
    private const int BodyBytesMax = EventFrame.LengthMax / 2;

    private static readonly JsonDocumentOptions InputOptions = new() { MaxDepth = 1000 };

    /// <summary>Serves until a signal comes.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        MappingArguments arguments, ConfigurationRequest request, TimeProvider time, TextWriter output, TextWriter error)
    {
        if (CompiledMapping.TryCompile(arguments, request, trace: null, error) is not { } mapping)
            return 1;
        using var signals = new StopSignals();
        try
        {
            await using var server = Listen(arguments);
            await server.StartAsync(new MappingTestServer(mapping, time, error).AnswerAsync, scopes: null, CancellationToken.None);
            await output.WriteLineAsync($"divolte: mapping test server on http://{arguments.Host}:{server.Port}/; post an event as JSON, stop with Ctrl-C.");
            var exitCode = await signals.Requested;
            await server.StopAsync(CancellationToken.None);
            return exitCode;
        }
        catch (ListenException failure)
        {
            await error.WriteLineAsync($"divolte: {failure.Message}");
            return 1;
        }
    }

    /// <summary>The listener, not started yet.</summary>
    public static HttpServer Listen(MappingArguments arguments) =>
        new(arguments.Host, arguments.Port, options => options.Limits.MaxRequestBodySize = BodyBytesMax, NullLoggerFactory.Instance);

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await Answers.MethodNotAllowed(context, HttpMethods.Post);
            return;
        }
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, InputOptions, context.RequestAborted);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                await FailAsync(context, "The body is no JSON object.");
            else if (TryMap(context, document.RootElement, out var answer))
                await SendAsync(context, answer);
            else
                await FailAsync(context, answer);
        }
        catch (JsonException exception)
        {
            await FailAsync(context, $"The body is no JSON: {exception.Message}");
        }
        catch (BadHttpRequestException exception)
        {
            await Answers.Text(context, exception.StatusCode, exception.Message);
        }
    }

    /// <returns>False when there is no record; the answer then says why.</returns>
    private bool TryMap(HttpContext context, JsonElement written, out string answer)
    {
        using var frame = new FrameBuffer();
        using var record = new FrameBuffer();
        Span<byte> address = stackalloc byte[ClientAddress.LengthMax];
        var remoteHost = Encoding.ASCII.GetString(address[..ClientAddress.Write(context, useForwardedFor: true, address, out _)]);
        HandWrittenEvent.Write(frame, written, context.Request.Headers, remoteHost, time.GetUtcNow().ToUnixTimeMilliseconds(), error.WriteLine);
        var outcome = mapping.Mapper.Map(EventFrameReader.Parse(frame.Written), record);
        var isMapped = outcome.Reason == DropReason.None;
        answer = isMapped ? RecordText.Print(mapping.Schema, record.Written) : outcome.Explanation;
        return isMapped;
    }

    private static Task SendAsync(HttpContext context, string record)
    {
        context.Response.ContentType = "application/json";
        return Answers.Body(context, Encoding.UTF8.GetBytes(record));
    }

    private Task FailAsync(HttpContext context, string reason)
    {
        error.WriteLine(reason);
        return Answers.Text(context, StatusCodes.Status500InternalServerError, reason);
    }
}
