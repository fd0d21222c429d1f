namespace Divolte.Grains.Mapping.Script;

/// <summary>A place in a script: the index of a character.</summary>
internal readonly record struct ScriptPosition(int Index);

/// <summary>The text of a script and the file that it comes from.</summary>
internal sealed class ScriptSource(string file, string text)
{
    /// <summary>Longest piece of a line that an error shows, in characters.</summary>
    private const int ShownColumnsMax = 120;

    public string File { get; } = file;

    public string Text { get; } = text;

    /// <summary>Line and column of a place, both from 1.</summary>
    public (int Line, int Column) Locate(ScriptPosition position)
    {
        var index = Math.Clamp(position.Index, 0, Text.Length);
        var before = Text.AsSpan(0, index);
        var line = before.Count('\n') + 1;
        return (line, index - before.LastIndexOf('\n'));
    }

    /// <summary>An error at a place: file, line, column, message, the line itself and a caret below the place.</summary>
    public ScriptException ErrorAt(ScriptPosition position, string message)
    {
        var (line, column) = Locate(position);
        var start = Math.Clamp(position.Index, 0, Text.Length) - (column - 1);
        var length = Text.AsSpan(start).IndexOfAny('\r', '\n');
        var text = (length < 0 ? Text[start..] : Text.Substring(start, length)).Replace('\t', ' ');
        var cut = Math.Clamp(column - ShownColumnsMax / 2, 0, Math.Max(0, text.Length - ShownColumnsMax));
        text = text[cut..];
        if (text.Length > ShownColumnsMax)
            text = text[..ShownColumnsMax];
        var caret = new string(' ', Math.Max(0, column - 1 - cut)) + '^';
        return new ScriptException($"{File}:{line}:{column}: {message}{Environment.NewLine}    {text}{Environment.NewLine}    {caret}", message, line, column);
    }
}
