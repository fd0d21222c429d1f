using Divolte.Grains.Journal;
using Divolte.TestKit.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Grains.Tests.Journal;

/// <summary>The compliance suite over real files.</summary>
public sealed class LocalJournalComplianceTests : JournalCompliance, IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    internal override ValueTask<IJournal> OpenAsync(JournalParameters parameters) =>
        new(LocalJournal.Open(
            new LocalJournalOptions { DataDirectory = _directory, Parameters = parameters },
            TimeProvider.System,
            NullLogger<LocalJournal>.Instance));
}
