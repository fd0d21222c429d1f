namespace Divolte.Grains.Interfaces.Configuration.Hocon.Files;

/// <summary>The disk, as far as a configuration reads it.</summary>
internal interface IHoconFiles
{
    /// <summary>Whether the path names a regular file.</summary>
    bool Exists(string path);

    /// <summary>Reads a whole text file as UTF-8.</summary>
    /// <exception cref="IOException">It is missing, unreadable or larger than <see cref="HoconLimits.FileCharacters"/>; the message says which.</exception>
    string Read(string path);
}
