using Divolte.Frontend.FastPath;
using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend;

/// <summary>What handles the requests of the public port.</summary>
/// <param name="Requests">Handles any request.</param>
/// <param name="FastPath">Takes plain events before the HTTP server sees them; null when there is none.</param>
internal sealed record PublicPipeline(RequestDelegate Requests, EventFastPath? FastPath);
