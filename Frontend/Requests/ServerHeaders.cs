using Divolte.Grains.Interfaces.Events;
using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend.Requests;

/// <summary>The headers that the HTTP server has read. Reused by its thread, see <see cref="RequestScratch"/>.</summary>
internal sealed class ServerHeaders : IRequestHeaders
{
    private IHeaderDictionary _headers = new HeaderDictionary();

    /// <summary>Shows the headers of another request.</summary>
    public ServerHeaders Of(IHeaderDictionary headers)
    {
        _headers = headers;
        return this;
    }

    /// <inheritdoc/>
    public void WriteTo(ref EventFrameWriter writer)
    {
        foreach (var (name, values) in _headers)
        {
            for (var index = 0; index < values.Count; index++)
                writer.WriteHeader(name, values[index]);
        }
    }
}
