using System.Security;
using System.Text;

namespace Divolte.Grains.Interfaces.Configuration.Hocon.Files;

/// <summary>Files of the local file system.</summary>
internal sealed class LocalHoconFiles : IHoconFiles
{
    public bool Exists(string path) => File.Exists(path);

    public string Read(string path)
    {
        try
        {
            using var reader = new StreamReader(path, Encoding.UTF8);
            var text = new StringBuilder();
            var block = new char[16 * 1024];
            // The length of a file says nothing about a pipe or a device, so the bound is on what is read.
            for (int length; text.Length <= HoconLimits.FileCharacters && (length = reader.Read(block)) > 0;)
                text.Append(block, 0, length);
            return text.Length <= HoconLimits.FileCharacters
                ? text.ToString()
                : throw new IOException($"the file has more than the {HoconLimits.FileCharacters} characters that are allowed");
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or ArgumentException or NotSupportedException or SecurityException)
        {
            throw new IOException(exception.Message, exception);
        }
    }
}
