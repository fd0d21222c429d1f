namespace Divolte.Frontend.Hosting;

/// <summary>The steps of a graceful stop. Trouble with one is logged and holds up nothing behind it.</summary>
internal sealed partial class StopSteps(ILogger logger)
{
    /// <param name="what">What is stopped, for the log.</param>
    /// <param name="stop">Stops it.</param>
    public async Task TryAsync(string what, Func<Task> stop)
    {
        try
        {
            await stop();
        }
        catch (Exception trouble)
        {
            LogTrouble(what, trouble);
        }
    }

    [LoggerMessage(EventIds.StopTrouble, LogLevel.Warning, "Stopping: trouble with {What}; going on")]
    private partial void LogTrouble(string what, Exception trouble);
}
