namespace Divolte.Frontend.Telemetry;

/// <summary>This start of the process: under this id shards know its batches, and pages its figures.</summary>
/// <param name="Id">Random.</param>
internal sealed record FrontendInstance(Guid Id)
{
    public static FrontendInstance New() => new(Guid.NewGuid());
}
