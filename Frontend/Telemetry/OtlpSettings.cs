namespace Divolte.Frontend.Telemetry;

/// <summary>
/// Where metrics and traces are sent to, as the environment variables of OpenTelemetry say. Unless one of them names an endpoint, nothing is sent, and
/// nothing is done for it.
/// </summary>
/// <param name="Metrics">Null when none are sent.</param>
/// <param name="Traces">Null when none are made.</param>
internal sealed record OtlpSettings(OtlpSignal? Metrics, OtlpSignal? Traces)
{
    public static OtlpSettings Off { get; } = new(null, null);

    public bool IsOn => Metrics is not null || Traces is not null;

    /// <exception cref="IOException">A variable has a value that cannot be meant; one line for the operator.</exception>
    public static OtlpSettings Read(IConfiguration environment)
    {
        if (string.Equals(environment["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
            return Off;
        return new OtlpSettings(OtlpSignal.Read(environment, "METRICS"), OtlpSignal.Read(environment, "TRACES"));
    }

    /// <summary>What is wrong with the variables of this process, for who only looks; null when nothing is.</summary>
    public static string? FindProblem()
    {
        try
        {
            _ = Read(new ConfigurationBuilder().AddEnvironmentVariables().Build());
            return null;
        }
        catch (IOException problem)
        {
            return problem.Message;
        }
    }
}
