using System.Buffers;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Unwritten;

/// <summary>
/// The dead letters of one sink: files of JSON lines, synced before the sink's position moves. The current file is rotated at a size; beyond a total, the
/// oldest rotated file goes, because a flood of events that nobody can map must stop neither the sink nor the machine.
/// </summary>
internal sealed partial class DeadLetters(
    string sink,
    string directory,
    TimeProvider time,
    ILogger<DeadLetters> logger,
    long fileBytesMax = DeadLetters.DefaultFileBytesMax,
    long totalBytesMax = DeadLetters.DefaultTotalBytesMax) : IAsyncDisposable
{
    public const long DefaultFileBytesMax = 64 << 20;
    public const long DefaultTotalBytesMax = 1 << 30;

    /// <summary>A file that has taken no letter for so long is let go, so that a replay beside a running process may take it.</summary>
    internal static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _lock = new(1, 1);
    private FileStream? _file;
    private FileStream? _claim;
    private string _name = "";
    private long _keptAt;

    /// <summary>Keeps the letters: they are on stable storage when this returns.</summary>
    /// <exception cref="IOException">They could not be written. Some may have been; keeping them again makes repetitions that a replay recognises.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    public async Task KeepAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            var lines = new ArrayBufferWriter<byte>();
            foreach (var letter in letters)
                letter.WriteTo(lines);
            var file = _file ??= Open();
            await file.WriteAsync(lines.WrittenMemory, cancellationToken);
            file.Flush(flushToDisk: true);
            _keptAt = time.GetTimestamp();
            if (file.Length >= fileBytesMax)
                await RotateAsync();
        }
        catch
        {
            await CloseAsync(); // the next try starts on a line of its own
            throw;
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Lets the current file go when nothing was kept for a while; the next letter takes the first that nobody has.</summary>
    public async Task ReleaseIdleAsync(CancellationToken cancellationToken)
    {
        if (_claim is null)
            return;
        await _lock.WaitAsync(cancellationToken);
        try
        {
            if (time.GetElapsedTime(_keptAt) >= IdleMax)
                await ReleaseAsync();
        }
        finally
        {
            _lock.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        _lock.Dispose();
    }

    private async ValueTask ReleaseAsync()
    {
        await CloseAsync();
        if (_claim is not null)
            await _claim.DisposeAsync();
        _claim = null;
    }

    private FileStream Open()
    {
        Directory.CreateDirectory(directory);
        _claim ??= Claim();
        var file = new FileStream(Path.Combine(directory, _name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        EndLine(file);
        return file;
    }

    /// <summary>Takes the first name that no other process has.</summary>
    private FileStream Claim()
    {
        const int processesMax = 64;
        for (var number = 0; ; number++)
        {
            try
            {
                _name = DeadLetterFiles.CurrentName(sink, number);
                return DeadLetterFiles.Claim(Path.Combine(directory, _name));
            }
            catch (IOException) when (number < processesMax && Directory.Exists(directory))
            {
            }
        }
    }

    /// <summary>A crash may have torn the last line.</summary>
    private static void EndLine(FileStream file)
    {
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
                file.WriteByte((byte)'\n');
        }
        file.Seek(0, SeekOrigin.End);
    }

    private async Task RotateAsync()
    {
        var path = _file!.Name;
        await CloseAsync();
        var stamp = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        File.Move(path, Path.Combine(directory, DeadLetterFiles.RotatedName(sink, stamp)), overwrite: false);

        var rotated = DeadLetterFiles.ListRotated(directory, sink);
        var total = rotated.Sum(file => file.Length);
        foreach (var oldest in rotated)
        {
            if (total <= totalBytesMax)
                break;
            total -= oldest.Length;
            LogOldestRemoved(sink, oldest.FullName, totalBytesMax);
            oldest.Delete();
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_file is not { } file)
            return;
        _file = null;
        await file.DisposeAsync();
    }

    [LoggerMessage(EventIds.DeadLettersRemoved, LogLevel.Error, "Dead letters of sink {Sink} exceed {TotalBytesMax} bytes; {File} is removed")]
    private partial void LogOldestRemoved(string sink, string file, long totalBytesMax);
}
