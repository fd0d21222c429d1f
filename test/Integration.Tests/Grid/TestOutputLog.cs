using Microsoft.Extensions.Logging;

namespace Divolte.Integration.Tests.Grid;

/// <summary>
/// The log of a server in the test's process, among the output of the test that started it, which is shown only when that test fails. On the console it would
/// hide the results of all others.
/// </summary>
internal sealed class TestOutputLog : ILoggerProvider
{
    private readonly ITestOutputHelper? _output = TestContext.Current.TestOutputHelper;

    /// <summary>Instead of every other log.</summary>
    public static void Take(ILoggingBuilder logging) => logging.ClearProviders().AddProvider(new TestOutputLog());

    public ILogger CreateLogger(string categoryName) => new Category(_output, categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(ITestOutputHelper? output, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            try
            {
                output?.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {name}: {formatter(state, exception)} {exception}");
            }
            catch (InvalidOperationException)
            {
                // The test has ended; nobody reads on.
            }
        }
    }
}
