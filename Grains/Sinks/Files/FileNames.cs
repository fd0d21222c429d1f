using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Divolte.Grains.Sinks.Files;

/// <summary>
/// Names of one writer's files: <c>yyyyMMddHHmmss-divolte-tracking-HOST-N.avro</c>, with the local time of opening and a number that the writer keeps for
/// all its files.
/// </summary>
internal sealed class FileNames(string workingDirectory, string publishDirectory, string host, int number, TimeProvider time)
{
    /// <summary>What the name of a file that is being written ends with.</summary>
    public const string PartialSuffix = ".partial";

    private static int _lastNumber;
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>The next writer's number: counts from 1, over all sinks of the process.</summary>
    public static int NextNumber() => Interlocked.Increment(ref _lastNumber);

    /// <summary>The host's name as the operating system has it.</summary>
    public static string LocalHost()
    {
        try
        {
            var name = Dns.GetHostName();
            return name.Length == 0 ? "localhost" : name;
        }
        catch (SocketException)
        {
            return "localhost";
        }
    }

    /// <summary>
    /// The next file's name. Where it is taken, the time of opening is moved on by a second until it is free: a writer that rolls more than once in a
    /// second, or a second process on this host, must not overwrite a file.
    /// </summary>
    public string Next(Func<string, bool> isTaken)
    {
        var opened = time.GetLocalNow();
        if (opened < _last.AddSeconds(1))
            opened = _last.AddSeconds(1); // successive files must also sort so by name
        for (; ; opened = opened.AddSeconds(1))
        {
            _last = opened;
            var name = string.Create(CultureInfo.InvariantCulture, $"{opened:yyyyMMddHHmmss}-divolte-tracking-{host}-{number}.avro");
            if (!isTaken(PartialOf(name)) && !isTaken(PublishedOf(name)))
                return name;
        }
    }

    /// <summary>Where the file lies while it is written.</summary>
    public string PartialOf(string name) => Path.Combine(workingDirectory, name + PartialSuffix);

    /// <summary>Where it lies when it is finished.</summary>
    public string PublishedOf(string name) => Path.Combine(publishDirectory, name);
}
