using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Uris;

/// <summary>The parts of one URI, as written; what is absent is null. Filled again for the next event.</summary>
internal sealed class UriParts
{
    /// <summary>The whole text.</summary>
    public TextSlice Text { get; set; }

    public TextSlice? Scheme { get; set; }

    /// <summary>Absent also when the authority is no plain host.</summary>
    public TextSlice? Host { get; set; }

    public int? Port { get; set; }

    /// <summary>Absent only of opaque URIs such as <c>mailto:a@b</c>; else may be empty.</summary>
    public TextSlice? Path { get; set; }

    public TextSlice? Query { get; set; }

    public TextSlice? Fragment { get; set; }

    public void Clear()
    {
        Text = default;
        Scheme = Host = Path = Query = Fragment = null;
        Port = null;
    }

    /// <summary>Whether two URIs are equal: scheme, host and the digits of escapes in whatever case, all else exactly.</summary>
    public static bool AreEqual(UriParts left, UriParts right, in MappedEvent mapped)
    {
        var one = mapped.Read(left.Text);
        var other = mapped.Read(right.Text);
        if (one.Length != other.Length)
            return false;
        for (var index = 0; index < one.Length; index++)
        {
            if (one[index] == other[index])
                continue;
            var isEscape = index > 0 && one[index - 1] == '%' || index > 1 && one[index - 2] == '%';
            if (!left.IsCaseless(index) && !isEscape || char.ToLowerInvariant((char)one[index]) != char.ToLowerInvariant((char)other[index]))
                return false;
        }
        return true;
    }

    private bool IsCaseless(int index) => IsWithin(Scheme, index) || IsWithin(Host, index);

    private bool IsWithin(TextSlice? part, int index) =>
        part is { } slice && index >= slice.Offset - Text.Offset && index < slice.Offset - Text.Offset + slice.Length;
}
