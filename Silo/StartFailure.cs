using Divolte.Frontend.Listening;
using Divolte.Grains.Geo;
using Divolte.Grains.Journal;
using Divolte.Grains.Mapping;
using Divolte.Grains.Schemas;
using Divolte.Grains.Sinks;

namespace Divolte.Silo;

/// <summary>Which exceptions of a start are an operator's business, to be told in one line; any other is a bug and keeps its stack trace.</summary>
internal static class StartFailure
{
    /// <summary>The line for standard error, or null for a bug.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        StartException or ListenException or JournalException or SchemaException or MappingException or GeoDatabaseException or SinkUnavailableException => exception.Message,
        UnauthorizedAccessException or IOException => exception.Message,
        _ => null,
    };
}

/// <summary>A start that cannot go on, for a reason that only the operator can remove. The message is for them.</summary>
internal sealed class StartException(string message) : Exception(message);
