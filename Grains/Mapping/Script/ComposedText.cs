using System.Text;

namespace Divolte.Grains.Mapping.Script;

/// <summary>
/// A string with insertions, already put together. It is told apart from a plain string because the mapping language does: as a name it serves
/// like one, as a literal it is refused.
/// </summary>
internal sealed record ComposedText(string Text)
{
    public override string ToString() => Text;
}

/// <summary>A text under construction: Java's <c>StringBuilder</c>.</summary>
internal sealed class ScriptTextBuilder(StringBuilder text)
{
    public StringBuilder Text { get; } = text;

    public override string ToString() => Text.ToString();
}
