using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Benchmarks.Journal;

/// <summary>A directory in memory whose syncs do nothing, to measure the journal without the kernel.</summary>
internal sealed class UnsyncedFiles : IStableFiles
{
    private readonly Dictionary<string, MemoryFile> _files = [];

    public string Directory => "memory";

    public IDisposable Lock() => new MemoryFile();

    public IReadOnlyList<string> List()
    {
        lock (_files)
            return [.. _files.Keys];
    }

    public IStableFile Create(string name, long length)
    {
        var file = new MemoryFile();
        file.SetLength(length);
        lock (_files)
            return _files[name] = file;
    }

    public IStableFile Open(string name)
    {
        lock (_files)
            return _files.TryGetValue(name, out var file) ? file : throw new FileNotFoundException(name);
    }

    public void Rename(string source, string target)
    {
        lock (_files)
        {
            _files[target] = _files[source];
            _files.Remove(source);
        }
    }

    public void Copy(string source, string target) => throw new NotSupportedException();

    public void Delete(string name)
    {
        lock (_files)
            _files.Remove(name);
    }

    public void SyncDirectory()
    {
    }

    private sealed class MemoryFile : IStableFile
    {
        private byte[] _bytes = [];

        public long Length => _bytes.Length;

        public int Read(Span<byte> target, long offset)
        {
            var length = (int)Math.Clamp(_bytes.Length - offset, 0, target.Length);
            _bytes.AsSpan((int)offset, length).CopyTo(target);
            return length;
        }

        public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken) => new(Read(target.Span, offset));

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset)
        {
            for (var at = 0; at < pieces.Count; at++)
            {
                if (offset + pieces[at].Length > _bytes.Length)
                    SetLength(offset + pieces[at].Length);
                pieces[at].CopyTo(_bytes.AsMemory((int)offset));
                offset += pieces[at].Length;
            }
        }

        public void SetLength(long length) => Array.Resize(ref _bytes, (int)length);

        public void Sync()
        {
        }

        public void Dispose()
        {
        }
    }
}
