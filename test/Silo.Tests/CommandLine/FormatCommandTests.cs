using Divolte.Silo.CommandLine;
using Xunit;

namespace Divolte.Silo.Tests.CommandLine;

public sealed class FormatCommandTests
{
    private static readonly GridProcess Newer = new("silo 10.0.0.1:11111 on one", Format: 2);
    private static readonly GridProcess Older = new("silo 10.0.0.2:11111 on two", Format: 1);
    private static readonly GridProcess Silent = new("silo 10.0.0.3:11111 on three", Format: null);
    private static readonly GridProcess OlderFrontend = new("frontend four:8290", Format: 1);

    [Fact]
    public void NobodyThere_NothingIsInTheWay() => Assert.Null(FormatCommand.FindRefusal(1, 2, []));

    [Fact]
    public void AllReadIt_NothingIsInTheWay_AndWhatIsNotSeenIsSaid()
    {
        Assert.Null(FormatCommand.FindRefusal(1, 2, [Newer, Newer]));

        var said = FormatCommand.Confirm(2, [Newer, Newer]);
        Assert.Contains("All 2 silos and frontends that the grid knows of read format 2.", said, StringComparison.Ordinal);
        Assert.Contains(FormatCommand.Unseen, said, StringComparison.Ordinal);
    }

    [Fact]
    public void OlderAndSilentOnes_AreNamedWithWhatTheyRead()
    {
        var refusal = FormatCommand.FindRefusal(1, 2, [Newer, Older, Silent, OlderFrontend])!;

        Assert.StartsWith("the format stays 1.", refusal, StringComparison.Ordinal);
        Assert.Contains("\n  silo 10.0.0.2:11111 on two reads formats up to 1\n", refusal, StringComparison.Ordinal);
        Assert.Contains("\n  silo 10.0.0.3:11111 on three does not tell which formats it reads\n", refusal, StringComparison.Ordinal);
        Assert.Contains("\n  frontend four:8290 reads formats up to 1\n", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain(Newer.Name, refusal, StringComparison.Ordinal);
        Assert.Contains("--force", refusal, StringComparison.Ordinal);
        Assert.Contains(FormatCommand.Unseen, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void OlderFrontendThatIsGone_IsNotInTheWay_ButToldOf()
    {
        var gone = OlderFrontend with { IsGone = true };

        Assert.Null(FormatCommand.FindRefusal(1, 2, [Newer, gone]));
        var said = FormatCommand.Confirm(2, [Newer, gone]);
        Assert.Contains("All 1 silos", said, StringComparison.Ordinal);
        Assert.Contains("Must not come back:\n  frontend four:8290, silent of late, reads formats up to 1\n", said, StringComparison.Ordinal);
    }
}
