using System.Security;

namespace Divolte.Grains.Interfaces.Configuration.Hocon.Files;

/// <summary>Files of the local file system.</summary>
internal sealed class LocalHoconFiles : IHoconFiles
{
    public bool Exists(string path) => File.Exists(path);

    public string Read(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            return length <= HoconLimits.FileCharacters
                ? File.ReadAllText(path)
                : throw new IOException($"the file has {length} bytes, more than the {HoconLimits.FileCharacters} that are allowed");
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or ArgumentException or NotSupportedException or SecurityException)
        {
            throw new IOException(exception.Message, exception);
        }
    }
}
