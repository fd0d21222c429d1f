using System.Text;

namespace Divolte.Grains.UserAgents.Rules;

/// <summary>
/// Reads the rule file of the ua-parser project: three lists of rules, each rule a few one-line keys whose values stand in single or double quotes.
/// That is all of YAML that the file has used in ten years; anything else in it is refused, never guessed at.
/// </summary>
internal static class RuleFile
{
    /// <summary>The three lists, each in file order.</summary>
    /// <exception cref="InvalidDataException">A line is none that this reader knows; the message has its number.</exception>
    public static RuleLists Read(TextReader reader)
    {
        var lists = new RuleLists([], [], []);
        List<RuleText>? list = null;
        var number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            var content = line.AsSpan().Trim();
            if (content.IsEmpty || content[0] == '#')
                continue;
            if (!char.IsWhiteSpace(line[0]))
            {
                list = content switch
                {
                    "user_agent_parsers:" => lists.Agents,
                    "os_parsers:" => lists.Systems,
                    "device_parsers:" => lists.Devices,
                    _ => throw Unknown(number, line),
                };
                continue;
            }
            if (list is null)
                throw Unknown(number, line);
            if (content[0] == '-')
            {
                list.Add(new RuleText());
                content = content[1..].TrimStart();
            }
            if (list.Count == 0 || content.IndexOf(':') is var colon && colon < 1)
                throw Unknown(number, line);
            if (!list[^1].TrySet(content[..colon], Unquote(content[(colon + 1)..].TrimStart(), number, line)))
                throw Unknown(number, line);
        }
        return lists;
    }

    private static string Unquote(ReadOnlySpan<char> text, int number, string line)
    {
        if (text.Length < 2 || text[0] is not ('\'' or '"'))
            throw Unknown(number, line);
        var (quote, value) = (text[0], new StringBuilder(text.Length));
        for (var index = 1; index < text.Length; index++)
        {
            var character = text[index];
            if (character == quote)
            {
                if (quote == '\'' && index + 1 < text.Length && text[index + 1] == quote)
                    index++;
                else if (text[(index + 1)..].TrimStart() is var rest && (rest.IsEmpty || rest[0] == '#'))
                    return value.ToString();
                else
                    throw Unknown(number, line);
            }
            else if (quote == '"' && character == '\\')
            {
                throw Unknown(number, line);
            }
            value.Append(character);
        }
        throw Unknown(number, line);
    }

    private static InvalidDataException Unknown(int number, string line) => new($"Line {number} of the user-agent rules cannot be read: {line.Trim()}");
}

/// <summary>The rules for agents, operating systems and devices; in each list the first that matches wins.</summary>
internal sealed record RuleLists(List<RuleText> Agents, List<RuleText> Systems, List<RuleText> Devices);
