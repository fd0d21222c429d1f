using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Files;

/// <summary>Ends a file that a crash or trouble has left behind: cuts it back to what is confirmed and publishes it, or discards it.</summary>
internal static partial class UnfinishedFile
{
    /// <summary>May be repeated after a crash at any point.</summary>
    /// <exception cref="IOException">The storage is in trouble; the file stays for the next try.</exception>
    public static void Finish(IFileStore store, OpenFileState file, ILogger logger)
    {
        if (!store.Exists(file.Partial))
            return; // published or discarded already
        if (file.Records == 0)
        {
            store.Delete(file.Partial);
            return;
        }
        using (var data = store.Open(file.Partial))
        {
            if (data.Length < file.Length)
                LogShorter(logger, file.Partial, data.Length, file.Length);
            else if (data.Length > file.Length)
                data.Truncate(file.Length);
            data.Sync();
        }
        if (!store.Exists(file.Published))
            store.Move(file.Partial, file.Published);
        else if (store.LengthOf(file.Published) == store.LengthOf(file.Partial))
            store.Delete(file.Partial); // a move across file systems that had only its last step left
        else
            LogTaken(logger, file.Partial, file.Published);
    }

    [LoggerMessage(EventIds.FileShorterThanConfirmed, LogLevel.Error, "{File} has {Length} bytes, but {Confirmed} were confirmed: the storage has lost records")]
    private static partial void LogShorter(ILogger logger, string file, long length, long confirmed);

    [LoggerMessage(EventIds.FilePublishRefused, LogLevel.Warning, "{File} stays unpublished: {Target} is there already")]
    private static partial void LogTaken(ILogger logger, string file, string target);
}
