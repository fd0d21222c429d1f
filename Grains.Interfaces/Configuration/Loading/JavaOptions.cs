using System.Text;

namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary><c>-Dname=value</c> options, as the start script of Divolte Collector takes them from <c>DIVOLTE_JAVA_OPTS</c>.</summary>
internal static class JavaOptions
{
    /// <summary>System properties that Java sets itself and a file may refer to.</summary>
    public static IEnumerable<(string Name, string Value)> OfTheProcess(ConfigurationRequest request)
    {
        if (request.Environment.GetValueOrDefault("HOME") is { } home)
            yield return ("user.home", home);
        if ((request.Environment.GetValueOrDefault("USER") ?? request.Environment.GetValueOrDefault("LOGNAME")) is { } user)
            yield return ("user.name", user);
        yield return ("user.dir", request.WorkingDirectory);
        yield return ("java.io.tmpdir", request.Environment.GetValueOrDefault("TMPDIR") ?? "/tmp");
        yield return ("file.separator", Path.DirectorySeparatorChar.ToString());
        yield return ("path.separator", Path.PathSeparator.ToString());
    }

    /// <summary>The properties among the options; other options of the Java machine have no meaning here.</summary>
    public static IEnumerable<(string Name, string Value)> Properties(IEnumerable<string> options)
    {
        foreach (var option in options)
        {
            if (!option.StartsWith("-D", StringComparison.Ordinal) || option.Length == 2)
                continue;
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (option[2..], "") : (option[2..equals], option[(equals + 1)..]);
            if (name.Length > 0)
                yield return (name, value);
        }
    }

    /// <summary>Splits the text of a variable at blanks; quotes keep blanks together.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var options = new List<string>();
        var option = new StringBuilder();
        var (quote, isOpen) = ('\0', false);
        foreach (var character in text)
        {
            if (quote != '\0' ? character == quote : character is '"' or '\'')
                (quote, isOpen) = (quote == '\0' ? character : '\0', true);
            else if (quote == '\0' && char.IsWhiteSpace(character))
                End();
            else
                option.Append(character);
        }

        End();
        return options;

        void End()
        {
            if (option.Length > 0 || isOpen)
                options.Add(option.ToString());
            option.Clear();
            isOpen = false;
        }
    }
}
