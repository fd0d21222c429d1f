using System.Text;
using Divolte.Frontend.FastPath;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Frontend.Tests.FastPath;

public sealed class PreparedAnswersTests
{
    [Fact]
    public void AnswersOfTheNextSecond_CarryItsDate()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero));
        var answers = new PreparedAnswers(time);
        var first = answers.Taken;

        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.True(first.Equals(answers.Taken));
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Contains("\r\nDate: Tue, 01 Dec 2026 12:00:00 GMT\r\n", TextOf(first), StringComparison.Ordinal);
        Assert.Contains("\r\nDate: Tue, 01 Dec 2026 12:00:01 GMT\r\n", TextOf(answers.Taken), StringComparison.Ordinal);
        Assert.Contains("\r\nDate: Tue, 01 Dec 2026 12:00:01 GMT\r\n", TextOf(answers.Unavailable), StringComparison.Ordinal);
    }

    private static string TextOf(ReadOnlyMemory<byte> answer) => Encoding.Latin1.GetString(answer.Span);
}
