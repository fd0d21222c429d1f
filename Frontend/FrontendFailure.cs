using Divolte.Frontend.Listening;

namespace Divolte.Frontend;

/// <summary>Which exceptions of a start are an operator's business, to be told in one line; any other is a bug and keeps its stack trace.</summary>
internal static class FrontendFailure
{
    /// <summary>The line for standard error, or null for a bug.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        ListenException or UnauthorizedAccessException or IOException => exception.Message,
        _ => null,
    };
}
