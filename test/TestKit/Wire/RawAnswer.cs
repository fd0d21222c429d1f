using System.Text;

namespace Divolte.TestKit.Wire;

/// <summary>One HTTP answer as it came over the wire; header names without case.</summary>
public sealed record RawAnswer(int Status, ILookup<string, string> Headers, byte[] Body)
{
    public string? Header(string name) => Headers[name].FirstOrDefault();

    /// <summary>The body, one character per byte.</summary>
    public string Text => Encoding.Latin1.GetString(Body);
}
