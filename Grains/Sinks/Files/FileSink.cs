using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Files;

/// <summary>
/// Avro files on a file system. Each record is in the published files exactly once, also after a crash: see <see cref="FileWriter"/>. A queue always
/// writes with the same writer, so the records of a party lie in successive files in order.
/// </summary>
internal sealed class FileSink : ISink
{
    /// <summary>The system's number of the error that a file system is mounted read-only, EROFS.</summary>
    private const int ReadOnlyFileSystem = 30;

    private readonly IFileStore _store;
    private readonly FileSinkOptions _options;
    private readonly WriterStates _states;
    private readonly ILogger _logger;
    private readonly FileWriter[] _writers;
    private readonly FileWriterHost[] _hosts;
    private readonly Lock _recovery = new();
    private bool _isRecovered;

    /// <param name="options">The sink's settings.</param>
    /// <param name="threads">Files that are written at a time, at most.</param>
    /// <param name="queues">Number of journal queues.</param>
    /// <param name="schemaJson">The schema of all mappings of the sink.</param>
    /// <param name="dataDirectory">The data directory, for the writers' states.</param>
    /// <param name="store">The file system.</param>
    /// <param name="time">The clock of names, syncs and rolls.</param>
    /// <param name="loggers">Makes the logger.</param>
    public FileSink(
        FileSinkOptions options, int threads, int queues, string schemaJson, string dataDirectory, IFileStore store, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _store = store;
        _logger = loggers.CreateLogger<FileSink>();
        _states = new WriterStates(store, Path.Combine(Path.GetFullPath(dataDirectory), "sinks"), options.Name);
        var host = FileNames.LocalHost();
        _writers = new FileWriter[Math.Min(threads, queues)];
        _hosts = new FileWriterHost[_writers.Length];
        for (var number = 0; number < _writers.Length; number++)
        {
            var names = new FileNames(WorkingDirectory, PublishDirectory, host, FileNames.NextNumber(), time);
            _writers[number] = new FileWriter(number, schemaJson, options.FileStrategy, names, store, _states, time, _logger);
            _hosts[number] = new FileWriterHost($"{options.Name} files {number}", _writers[number], time);
        }
    }

    public string Name => _options.Name;

    private string WorkingDirectory => Path.GetFullPath(_options.FileStrategy.WorkingDirectory);

    private string PublishDirectory => Path.GetFullPath(_options.FileStrategy.PublishDirectory);

    /// <summary>Checks what must be there before a start, and makes the directories of the implicit sink.</summary>
    /// <returns>What is wrong, for the operator; null when nothing is.</returns>
    public string? FindProblem()
    {
        try
        {
            _states.Prepare();
            foreach (var (role, directory) in new[] { ("working", WorkingDirectory), ("publish", PublishDirectory) })
            {
                if (_options is HdfsSinkOptions { IsImplicit: true } && !_store.DirectoryExists(directory))
                    _store.CreateDirectory(directory);
                if (!_store.DirectoryExists(directory))
                    return $"sink {Name}: the {role} directory {directory} {(_store.Exists(directory) ? "is not a directory" : "does not exist")}";
                if (FindWriteProblem(directory) is { } problem)
                    return $"sink {Name}: the {role} directory {directory} cannot be written: {problem}";
            }
            return null;
        }
        catch (Exception exception) when (FileTrouble.Is(exception))
        {
            return $"sink {Name}: {exception.Message}";
        }
    }

    /// <summary>
    /// Why no file can be made in a directory: a missing permission or a read-only file system, which do not change by themselves. Null when one can, and
    /// when the trouble is of another kind, such as a full disk: then writing is tried again until it works.
    /// </summary>
    private string? FindWriteProblem(string directory)
    {
        var probe = Path.Combine(directory, $".divolte-{Environment.ProcessId}.probe");
        try
        {
            _store.Create(probe).Dispose();
            _store.Delete(probe);
            return null;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException || exception.HResult == ReadOnlyFileSystem)
        {
            return exception.Message;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async ValueTask<ISinkWriter> OpenAsync(int queue, CancellationToken cancellationToken)
    {
        var host = _hosts[queue % _hosts.Length];
        JournalPosition? confirmed = null;
        string? trouble = null;
        try
        {
            var isOpen = await host.RunAsync(writer =>
            {
                Recover();
                confirmed = writer.Open(queue);
                trouble = writer.Trouble;
            });
            if (!isOpen)
                throw new SinkUnavailableException("the sink is closed");
        }
        catch (Exception exception) when (FileTrouble.Is(exception) || exception is InvalidDataException)
        {
            throw new SinkUnavailableException(exception.Message, exception);
        }
        if (trouble is not null)
            throw new SinkUnavailableException(trouble);
        return new FileSinkWriter(host, confirmed);
    }

    /// <summary>Confirms and publishes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.RunAsync(static writer => writer.Close());
            host.Dispose();
        }
    }

    /// <summary>Lets everything go as a crash would, for tests.</summary>
    internal void Abandon()
    {
        foreach (var host in _hosts)
            host.Dispose();
    }

    /// <summary>
    /// Ends what an earlier process has left, also of writers that are no more, and shares out how far the queues are confirmed. May be cut short by a
    /// crash anywhere: a state is removed only when all it says stands elsewhere.
    /// </summary>
    private void Recover()
    {
        lock (_recovery)
        {
            if (_isRecovered)
                return;
            _states.Prepare();
            var found = _states.ReadAll();
            var positions = new Dictionary<int, JournalPosition>();
            foreach (var state in found.Values)
            {
                foreach (var file in state.Files)
                    UnfinishedFile.Finish(_store, file, _logger);
                foreach (var (queue, position) in state.Positions)
                    positions[queue] = positions.TryGetValue(queue, out var other) ? WriterState.Later(position, other) : position;
            }
            for (var number = 0; number < _writers.Length; number++)
            {
                var own = positions.Where(pair => pair.Key % _writers.Length == number).ToDictionary();
                _states.Write(number, new WriterState([], own));
                _writers[number].Restore(own);
            }
            foreach (var vanished in found.Keys.Where(number => number >= _writers.Length))
                _states.Delete(vanished);
            _isRecovered = true;
        }
    }
}
