using Divolte.Grains.Schemas;
using Xunit;

namespace Divolte.Grains.Tests.Schemas;

public sealed class ConfluentFramingTests
{
    [Theory]
    [InlineData(0x1DEFACED, new byte[] { 0, 0x1D, 0xEF, 0xAC, 0xED, 7, 8 })]
    [InlineData(-2, new byte[] { 0, 0xFF, 0xFF, 0xFF, 0xFE, 7, 8 })]
    public void Frame_IsZeroThenIdentifierMostSignificantByteFirst(int schemaId, byte[] expected) =>
        Assert.Equal(expected, ConfluentFraming.Frame(schemaId, [7, 8]));
}
